/** What programs that Tenure starts inherit, and where programs are looked for: PATH, HOME, proxies. Settings of Tenure's own come from `env.ts`. */
export const inherited: NodeJS.ProcessEnv = process.env;
