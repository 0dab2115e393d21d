// OHIF beside Orthanc: one origin serves both, so the address of DICOMweb has no host.
window.config = {
  name: 'shortaxis',
  routerBasename: null,
  extensions: ['/shortaxis.js'],
  modes: [],
  modesConfiguration: {
    '@ohif/mode-longitudinal': {
      hangingProtocol: { $set: ['@shortaxis/stress-over-rest', 'default'] },
    },
  },
  customizationService: {},
  showStudyList: true,
  showWarningMessageForCrossOrigin: true,
  showCPUFallbackMessage: false,
  maxNumberOfWebWorkers: 3,
  defaultDataSourceName: 'orthanc',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'orthanc',
      configuration: {
        friendlyName: 'Orthanc',
        name: 'orthanc',
        qidoRoot: '/dicom-web',
        wadoRoot: '/dicom-web',
        wadoUriRoot: '/wado',
        qidoSupportsIncludeField: false,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        supportsFuzzyMatching: false,
        supportsWildcard: true,
        bulkDataURI: { enabled: true },
        omitQuotationForMultipartRequest: true,
      },
    },
  ],
};
