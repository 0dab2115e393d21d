"""What a SPECT or PET perfusion study is: volumes, time slots and acquisition facts."""
