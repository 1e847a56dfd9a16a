import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** What the engine answers: a status, and data or errors in its own words. */
export interface Answer {
  readonly status: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly string[];
}

export type Body = Readonly<Record<string, unknown>>;

const refuse = (status: number, message: string): Answer => ({ status, errors: [message] });

/** One key of a transit engine: its versions from 1 on, and the oldest that still opens. */
class TransitKey {
  readonly #versions: Buffer[] = [randomBytes(32)];
  minDecryptionVersion = 1;

  get latest(): number {
    return this.#versions.length;
  }

  rotate(): void {
    this.#versions.push(randomBytes(32));
  }

  encrypt({ plaintext, associated_data }: Body): Answer {
    if (typeof plaintext !== "string") return refuse(400, "missing plaintext to encrypt");
    return {
      status: 200,
      data: { ciphertext: this.seal(plaintext, associated_data), key_version: this.latest },
    };
  }

  seal(plaintext: string, associated: unknown): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#versions[this.latest - 1] as Buffer, nonce);
    cipher.setAAD(fromBase64(associated));
    const body = Buffer.concat([cipher.update(fromBase64(plaintext)), cipher.final()]);
    return `vault:v${this.latest}:${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64")}`;
  }

  decrypt({ ciphertext, associated_data }: Body): Answer {
    const [, number, sealed] = /^vault:v(\d+):(.+)$/.exec(String(ciphertext ?? "")) ?? [];
    if (!sealed) return refuse(400, "invalid ciphertext: no prefix");
    const version = Number(number);
    if (version > this.latest) return refuse(400, "invalid ciphertext: version is too new");
    if (version < this.minDecryptionVersion) {
      return refuse(400, "ciphertext or signature version is disallowed by policy (too old)");
    }
    const bytes = fromBase64(sealed);
    try {
      const key = this.#versions[version - 1] as Buffer;
      const opener = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
      opener.setAAD(fromBase64(associated_data));
      opener.setAuthTag(bytes.subarray(-16));
      const opened = Buffer.concat([opener.update(bytes.subarray(12, -16)), opener.final()]);
      return { status: 200, data: { plaintext: opened.toString("base64") } };
    } catch {
      return refuse(400, "cipher: message authentication failed");
    }
  }

  rewrap(body: Body): Answer {
    const { status, data, errors } = this.decrypt(body);
    if (!data) return { status, ...(errors && { errors }) };
    return this.encrypt({ plaintext: data.plaintext, associated_data: body.associated_data });
  }

  configure(body: Body): Answer {
    const least = Number(body.min_decryption_version);
    if (!(least >= 1 && least <= this.latest))
      return refuse(400, "min decryption version should be in range");
    this.minDecryptionVersion = least;
    return { status: 200, data: this.describe() };
  }

  describe(): Record<string, unknown> {
    return {
      latest_version: this.latest,
      min_decryption_version: this.minDecryptionVersion,
      type: "aes256-gcm96",
    };
  }
}

function fromBase64(value: unknown): Buffer {
  return Buffer.from(typeof value === "string" ? value : "", "base64");
}

/** A transit engine's keys by name. */
export class TransitEngine {
  readonly #keys = new Map<string, TransitKey>();

  /** @param path below the mount, e.g. `decrypt/tenant-a`. */
  handle(method: string, path: string, body: Body): Answer {
    const [operation = "", name = "", action] = path.split("/");
    if (operation === "keys") return this.#manage(method, name, action, body);
    const key = this.#keys.get(name);
    if (!key) {
      // Encrypting may make a key: not with a token that may only use one.
      return operation === "encrypt"
        ? refuse(403, "permission denied")
        : refuse(400, "encryption key not found");
    }
    if (method === "POST" && operation === "encrypt") return key.encrypt(body);
    if (method === "POST" && operation === "decrypt") return key.decrypt(body);
    if (method === "POST" && operation === "rewrap") return key.rewrap(body);
    return refuse(404, "unsupported path");
  }

  #manage(method: string, name: string, action: string | undefined, body: Body): Answer {
    const key = this.#keys.get(name);
    if (method === "POST" && action === undefined) {
      if (!key) this.#keys.set(name, new TransitKey());
      return { status: 200, data: this.#keys.get(name)?.describe() ?? {} };
    }
    if (!key) return method === "GET" ? refuse(404, "") : refuse(400, "no existing key named");
    if (method === "GET") return { status: 200, data: key.describe() };
    if (method === "DELETE") {
      this.#keys.delete(name);
      return { status: 204 };
    }
    if (action === "rotate") {
      key.rotate();
      return { status: 200, data: key.describe() };
    }
    return action === "config" ? key.configure(body) : refuse(404, "unsupported path");
  }
}
