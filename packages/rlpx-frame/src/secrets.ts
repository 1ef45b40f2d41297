/** What the handshake ends in, as plain bytes (RLPx, "Initial Handshake"). */
export interface FrameSecrets {
  /** 32 bytes, AES-256 key of both directions. */
  readonly aesKey: Uint8Array
  /** 32 bytes, key of the AES step of the frame MACs. */
  readonly macKey: Uint8Array
  /** What the keccak state of outgoing MACs starts with: (macKey ⊕ remote nonce) ‖ the packet that was sent. */
  readonly egressMacSeed: Uint8Array
  /** What the keccak state of incoming MACs starts with: (macKey ⊕ own nonce) ‖ the packet that was received. */
  readonly ingressMacSeed: Uint8Array
}
