import type { Reply } from '../../common/types.ts';
import { notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { data, param, queryFlag } from '../kit.ts';
import { page } from '../paging.ts';
import type { OutputFile } from '../state.ts';
import { zip } from '../zip.ts';
import { stepOf } from './runtime.ts';

/** Section 5.2: the files that an output step delivered. */

const EXTENSION: Record<string, string> = {
  'application/pdf': 'pdf',
  'text/html': 'html',
  'application/vnd.exstream-empower': 'json',
};

function filesOf(call: Call): OutputFile[] {
  const { step } = stepOf(call);
  const files = call.state.deliveries[step.id] ?? [];
  if (files.length === 0) throw notFound(`Delivery file of flow step ${step.id}`);
  return files;
}

function nameOf(file: OutputFile): string {
  return `${file.fileName}.${EXTENSION[file.mimeType] ?? 'bin'}`;
}

/** GET …/delivery-file?download= */
export function deliveryFile(call: Call): Reply {
  const [file] = filesOf(call);
  if (!file) throw notFound('Delivery file');
  const headers: Record<string, string> = { 'content-type': file.mimeType };
  if (queryFlag(call, 'download') === true) headers['content-disposition'] = `attachment; filename="${nameOf(file)}"`;
  return { status: 200, headers, body: Buffer.from(file.base64, 'base64') };
}

/** GET …/delivery-file/outputs */
export function deliveryOutputs(call: Call): Reply {
  const outputs = filesOf(call).map((file) => ({
    fileName: nameOf(file),
    mimeType: file.mimeType,
    queueName: file.queueName,
    customerNumber: file.customerNumber,
    length: Buffer.from(file.base64, 'base64').length,
  }));
  return data(call, { outputs });
}

/** GET …/delivery-file/output-files */
export function deliveryNames(call: Call): Reply {
  return page(call, filesOf(call).map(nameOf), (name) => name);
}

/** GET …/customer-artifacts/{customerId}: a ZIP archive */
export function customerArtifacts(call: Call): Reply {
  const customer = param(call, 'customerId');
  const files = filesOf(call).filter((file) => file.customerNumber === customer);
  if (files.length === 0) throw notFound(`Customer ${customer}`);
  const archive = zip(files.map((file) => ({ name: nameOf(file), bytes: Buffer.from(file.base64, 'base64') })));
  return { status: 200, headers: { 'content-type': 'application/zip' }, body: archive };
}
