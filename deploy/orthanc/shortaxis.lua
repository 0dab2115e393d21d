-- Sends every stable NM and PET series to ShortAxis, whose slices come back into the same study.
-- In the configuration of Orthanc: "LuaScripts": ["/etc/orthanc/shortaxis.lua"], and a modality
-- "shortaxis" among "DicomModalities".
--
-- What ShortAxis made is not sent: a series whose Manufacturer is ShortAxis, or that came from it.
-- What could not be sent waits, and is sent again when the next series arrives, when another one
-- was sent, or when Orthanc starts.

local MODALITY = 'shortaxis'
local MAKER = 'ShortAxis'
local TAKEN = { NM = true, PT = true }

-- User-defined metadata of a series (Orthanc keeps 1024 and above for users): how often it failed.
local FAILURES = '4700'
local MOST_FAILURES = 50

-- How far back a start looks for series that wait.
local CHANGES = 1000

local waiting = {}

local function json(path)
   local answer = RestApiGet(path)
   return answer and ParseJson(answer) or nil
end

local function titleOfNode()
   local configured = json('/modalities/' .. MODALITY .. '/configuration')
   return configured and configured['AET'] or nil
end

local function cameFromNode(series)
   local first = series['Instances'][1]
   local known = first and json('/instances/' .. first .. '/metadata') or {}
   for _, name in ipairs(known) do
      if name == 'RemoteAET' then
         return RestApiGet('/instances/' .. first .. '/metadata/RemoteAET') == titleOfNode()
      end
   end
   return false
end

local function failuresOf(id)
   for _, name in ipairs(json('/series/' .. id .. '/metadata') or {}) do
      if name == FAILURES then
         return tonumber(RestApiGet('/series/' .. id .. '/metadata/' .. FAILURES)) or 0
      end
   end
   return 0
end

local function send(id)
   local job = { ['Resources'] = { id }, ['Synchronous'] = false }
   RestApiPost('/modalities/' .. MODALITY .. '/store', DumpJson(job, true))
end

local function sendOneThatWaits()
   local id = next(waiting)
   if id ~= nil then
      waiting[id] = nil
      send(id)
   end
end

local function seriesOf(jobId)
   local job = json('/jobs/' .. jobId)
   if job == nil or job['Type'] ~= 'DicomModalityStore' then
      return nil
   end
   local content = job['Content']
   if content['RemoteAet'] ~= titleOfNode() or #content['ParentResources'] ~= 1 then
      return nil
   end
   return content['ParentResources'][1]
end

function OnStableSeries(id, tags, metadata)
   if not TAKEN[tags['Modality']] then
      return
   end
   local series = json('/series/' .. id)
   if tags['Manufacturer'] == MAKER or series == nil or cameFromNode(series) then
      print('ShortAxis: its own series ' .. id .. ' is left alone')
      return
   end
   sendOneThatWaits()
   send(id)
end

function OnJobFailure(jobId)
   local id = seriesOf(jobId)
   if id == nil then
      return
   end
   local count = failuresOf(id) + 1
   RestApiPut('/series/' .. id .. '/metadata/' .. FAILURES, tostring(count))
   if count < MOST_FAILURES then
      waiting[id] = true
      print('ShortAxis: series ' .. id .. ' was not taken and waits')
   else
      print('ShortAxis: series ' .. id .. ' was not taken; it is not sent again')
   end
end

function OnJobSuccess(jobId)
   local id = seriesOf(jobId)
   if id == nil then
      return
   end
   waiting[id] = nil
   if failuresOf(id) > 0 then
      RestApiDelete('/series/' .. id .. '/metadata/' .. FAILURES)
   end
   sendOneThatWaits()
end

function Initialize()
   local last = (json('/changes?last') or {})['Last'] or 0
   local changes = json('/changes?limit=' .. CHANGES .. '&since=' .. math.max(last - CHANGES, 0))
   for _, change in ipairs((changes or {})['Changes'] or {}) do
      if change['ChangeType'] == 'StableSeries' then
         local count = failuresOf(change['ID'])
         if count > 0 and count < MOST_FAILURES then
            waiting[change['ID']] = true
         end
      end
   end
   sendOneThatWaits()
end
