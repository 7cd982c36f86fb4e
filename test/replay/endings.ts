/** Every ending that every workflow type has: how the run closes, and words of its result or of its refusal. */
export type Ending = readonly [close: 'COMPLETED' | 'FAILED' | 'CANCELED', words: string];

const wrongInput = {
  inputInvalid: ['FAILED', 'unknown field \\"passwort\\"'],
  unknownPerson: ['FAILED', 'whom the directory does not have'],
  protectedPerson: ['FAILED', 'whom the policy protects'],
} satisfies Record<string, Ending>;

const grant = {
  ...wrongInput,
  done: ['COMPLETED', 'everything due is proved'],
  open: ['COMPLETED', 'ALPHA_REFUSED'],
  approved: ['COMPLETED', '"decisions":{"admins":"approve"}'],
  rejected: ['COMPLETED', '"decisions":{"admins":"reject"}'],
  noAnswer: ['COMPLETED', '"decisions":{"admins":"reject"}'],
  refusedThenRejected: ['COMPLETED', '"decisions":{"admins":"reject"}'],
  askedAgain: ['COMPLETED', '"decisions":{"admins":"approve"}'],
  handedOver: ['COMPLETED', 'is open; it has this input now'],
  newInput: ['COMPLETED', 'everything due is proved'],
  superseded: ['COMPLETED', 'Superseded by offboarding'],
  cancelled: ['CANCELED', ''],
  late: ['COMPLETED', 'everything due is proved'],
} satisfies Record<string, Ending>;

export const ENDINGS: Readonly<Record<string, Readonly<Record<string, Ending>>>> = {
  onboarding: {
    ...grant,
    startDate: ['COMPLETED', 'everything due is proved'],
    startDateMoved: ['COMPLETED', 'everything due is proved'],
    supersededBeforeStart: ['COMPLETED', 'Superseded by offboarding'],
    cancelledBeforeStart: ['CANCELED', ''],
    approvedWhileLate: ['COMPLETED', '"decisions":{"admins":"approve"}'],
    supersededWhileLate: ['COMPLETED', 'Superseded by offboarding'],
    cancelledWhileLate: ['CANCELED', ''],
    matched: ['COMPLETED', 'everything due is proved'],
    supersededWhileUnclear: ['COMPLETED', 'Superseded by offboarding'],
    welcomed: ['COMPLETED', '"kind":"welcome","state":"accepted","channels":["fcm: no_device","email: accepted"]'],
    notTold: ['COMPLETED', '"kind":"welcome","state":"failed","channels":["UNEXPECTED"]'],
  },
  roleChange: {
    ...grant,
    grace: ['COMPLETED', 'everything due is proved'],
    graceInterrupted: ['COMPLETED', 'everything due is proved'],
    supersededInGrace: ['COMPLETED', 'Superseded by offboarding'],
    told: ['COMPLETED', '"to":"w9002@staff","kind":"changed","state":"accepted"'],
  },
  offboarding: {
    ...wrongInput,
    done: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
    lastDay: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
    withdrawn: ['COMPLETED', '"outcome":"withdrawn"'],
    urgentUpgrade: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
    handedOver: ['COMPLETED', 'is open; it has this input now'],
    noLeaver: ['COMPLETED', 'is no leaver'],
    fromDirectory: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
    cameBack: ['COMPLETED', 'is no leaver'],
    cancelRefused: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
    retention: ['COMPLETED', '"delete account"'],
    supersedes: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
    open: ['COMPLETED', '2 accounts at beta may be'],
    managerTold: ['COMPLETED', '"to":"w9002@staff","kind":"left","state":"accepted"'],
    late: ['COMPLETED', 'disabled and stripped everywhere, proved twice'],
  },
  directoryWatch: {
    nothingToDo: ['COMPLETED', '"changed":0'],
    startedRuns: ['COMPLETED', '"type":"onboarding"'],
    swept: ['COMPLETED', '"swept":{"taken":1,"proved":1'],
    held: ['COMPLETED', 'names 6 leavers'],
    released: ['COMPLETED', '"type":"offboarding"'],
    unknownHold: ['FAILED', 'names hold leavers/none'],
    inputInvalid: ['FAILED', 'the field \\"by\\" is missing'],
    late: ['COMPLETED', 'Everybody is looked after'],
  },
};
