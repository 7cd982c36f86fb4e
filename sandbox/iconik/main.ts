import { parseArgs } from 'node:util';
import { startStandIn } from '../common/standIn.ts';
import { SERVICE } from './seed.ts';
import { iconikStandIn } from './standIn.ts';

/** `node sandbox/iconik/main.ts --port N --control-port N [--data DIR] [--app-id UUID] [--token TEXT]` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '21020' },
    'control-port': { type: 'string', default: '21021' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string' },
    'app-id': { type: 'string' },
    token: { type: 'string' },
  },
});

const service = {
  appId: values['app-id'] ?? process.env['ICONIK_SANDBOX_APP_ID'] ?? SERVICE.appId,
  token: values.token ?? process.env['ICONIK_SANDBOX_TOKEN'] ?? SERVICE.token,
};

const standIn = await startStandIn(iconikStandIn(service), {
  port: Number(values.port),
  controlPort: Number(values['control-port']),
  host: values.host,
  ...(values.data === undefined ? {} : { dataDir: values.data }),
});

process.stdout.write(
  `Stand-in of iconik, with made-up people only: it is not iconik.\n  API     ${standIn.url}/API/\n  control ${standIn.control}\n  App-ID  ${service.appId}\n`,
);

const stop = (): void => {
  void standIn.close().then(() => process.exit(0));
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
