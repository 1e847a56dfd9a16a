/** What makes a repeated write the same write. */
export interface WriteRequest {
  /** The RPC's name; ids are unique per tenant and RPC. */
  readonly rpc: string;
  /** As the client sent it. */
  readonly requestId: string;
  /** The canonical bytes of the request's body; another body under the same id is refused. */
  readonly body: Uint8Array;
}
