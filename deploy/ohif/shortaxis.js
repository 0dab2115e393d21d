// An extension of OHIF: slices of ShortAxis hang stress over rest, in the three cardiac views.
// In app-config.js: extensions: ['/shortaxis.js'], and the protocol among those of the mode.

export const PROTOCOL = '@shortaxis/stress-over-rest';

// SNOMED CT, PS3.16 CID 26.
const VIEWS = { 103340004: 'SA', 131185001: 'VLA', 131186000: 'HLA' };

// The codes of a patient's state that ShortAxis reads, too.
const STATES = {
  stress: ['109091', '109095', '432655005', '434161005', 'F-05019', 'F-05028'],
  rest: ['128975004', 'F-01604', '109092', '109093', '109094'],
};

// "REVIEW ShortAxis SA rest: ...": what ShortAxis concluded where a camera writes no code.
const OWN_NAME = /^(?:REVIEW )?ShortAxis [A-Z]{2,3} (stress|rest)\b/;

const VIEW_ORDER = ['SA', 'VLA', 'HLA'];
const CONDITIONS = ['stress', 'rest'];

const first = sequence => (Array.isArray(sequence) ? sequence[0] : sequence) ?? {};

const instanceOf = displaySet => displaySet?.instances?.[0] ?? displaySet?.instance;

const isGated = instance => Array.from(instance.ImageType ?? []).includes('RECON GATED TOMO');

/** "SA", "VLA" or "HLA"; nothing for whatever is no slice along the heart. */
export function viewOf(instance) {
  const detector = first(instance?.DetectorInformationSequence);
  return VIEWS[first(detector.ViewCodeSequence).CodeValue];
}

/**
 * "stress" or "rest", by the code of the patient's state, else by the name that ShortAxis gave its slices;
 * nothing where neither says it. Cameras seldom write the code, and names of others may name both.
 */
export function conditionOf(instance) {
  const state = first(first(instance?.AcquisitionContextSequence).ConceptCodeSequence);
  const coded = CONDITIONS.find(each => STATES[each].includes(state.CodeValue));
  return coded ?? OWN_NAME.exec(instance?.SeriesDescription ?? '')?.[1];
}

/** What a series shows, as the selectors below ask: "SA stress", or nothing. */
export function shownBy(displaySet) {
  const instance = instanceOf(displaySet);
  const view = viewOf(instance);
  if (!view || isGated(instance)) {
    return undefined;
  }
  return `${view} ${conditionOf(instance) ?? 'alone'}`;
}

const named = (view, condition) => `${view}-${condition}`;

function selector(view, condition) {
  const wanted = { attribute: 'shortaxisShows', required: true, weight: 1 };
  return { seriesMatchingRules: [{ ...wanted, constraint: { equals: { value: `${view} ${condition}` } } }] };
}

function viewport(view, condition) {
  return {
    viewportOptions: {
      viewportId: named(view, condition),
      viewportType: 'stack',
      toolGroupId: 'default',
      allowUnmatchedView: true,
      initialImageOptions: { preset: 'middle' },
    },
    displaySets: [{ id: named(view, condition) }],
  };
}

function stage(name, conditions) {
  const shown = conditions.flatMap(each => VIEW_ORDER.map(view => viewport(view, each)));
  return {
    id: name,
    name,
    stageActivation: { enabled: { minViewportsMatched: shown.length } },
    viewportStructure: {
      layoutType: 'grid',
      properties: { rows: conditions.length, columns: VIEW_ORDER.length },
    },
    viewports: shown,
  };
}

export const protocol = {
  id: PROTOCOL,
  name: 'Stress over rest',
  description: 'Short axis, vertical and horizontal long axis; stress above, rest below',
  isPreset: true,
  toolGroupIds: ['default'],
  numberOfPriorsReferenced: -1,
  protocolMatchingRules: [
    {
      attribute: 'shortaxisSeries',
      weight: 1000,
      required: true,
      constraint: { numericality: { greaterThanOrEqualTo: VIEW_ORDER.length } },
    },
  ],
  displaySetSelectors: Object.fromEntries(
    [...CONDITIONS, 'alone'].flatMap(condition =>
      VIEW_ORDER.map(view => [named(view, condition), selector(view, condition)])
    )
  ),
  stages: [
    stage('stress over rest', CONDITIONS),
    stage('stress', ['stress']),
    stage('rest', ['rest']),
    stage('condition not said', ['alone']),
  ],
};

export default {
  id: '@shortaxis/extension-cardiac-views',
  version: '1.0.0',
  preRegistration({ servicesManager }) {
    const { hangingProtocolService } = servicesManager.services;
    hangingProtocolService.addCustomAttribute('shortaxisShows', 'Cardiac view and condition', shownBy);
    hangingProtocolService.addCustomAttribute(
      'shortaxisSeries',
      'How many series are cardiac views',
      (_study, { displaySets = [] } = {}) => displaySets.filter(shownBy).length
    );
  },
  getHangingProtocolModule: () => [{ name: PROTOCOL, protocol }],
};
