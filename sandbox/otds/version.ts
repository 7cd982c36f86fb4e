/** The version of OTDS that this stand-in resembles most. */
export const VERSION = '25.2';
