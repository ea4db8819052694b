// The types of an entry of the package as one file, made by api-extractor: what people import, what that is made of, and
// nothing else. It reads what the compiler wrote, so it does not matter which TypeScript that was.
import { join } from 'node:path';
import { Extractor, ExtractorConfig, type ExtractorMessage } from '@microsoft/api-extractor';
import { packageRoot } from '../src/package-root.js';

export interface Declarations {
  /** Names that are mentioned by what is exported, and are not exported themselves. */
  readonly unnamed: readonly string[];
}

/** `entry` and `to` are paths of the package. Throws where the types are wrong. */
export function rollUp(entry: string, to: string): Declarations {
  const messages: ExtractorMessage[] = [];
  const result = Extractor.invoke(configOf(entry, to), {
    localBuild: true,
    messageCallback(message) {
      messages.push(message);
      message.handled = true;
    },
  });
  const errors = messages.filter(({ logLevel }) => logLevel === 'error').map(({ text }) => text);
  if (!result.succeeded || errors.length > 0) throw new Error(`${entry}: ${errors.join('; ')}`);
  const unnamed = messages.filter(({ messageId }) => messageId === 'ae-forgotten-export');
  return { unnamed: unnamed.map(({ text }) => /"([^"]+)"/.exec(text)![1]!) };
}

function configOf(entry: string, to: string): ExtractorConfig {
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, skipLibCheck: true, types: ['node'] };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: packageRoot,
      mainEntryPointFilePath: join(packageRoot, entry),
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      dtsRollup: { enabled: true, untrimmedFilePath: join(packageRoot, to) },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      // Docstrings are plain Markdown; nothing here has release tags.
      messages: {
        tsdocMessageReporting: { default: { logLevel: 'none' } } as never,
        extractorMessageReporting: {
          default: { logLevel: 'warning' },
          'ae-missing-release-tag': { logLevel: 'none' },
        } as never,
      },
    },
    configObjectFullPath: join(packageRoot, 'api-extractor.json'),
    packageJsonFullPath: join(packageRoot, 'package.json'),
    projectFolderLookupToken: packageRoot,
  });
}
