/** When a memory `m` last came back from the archive, but for the undoing of its summary, which says nothing of it. */
export const RESTORED_AT = `
  (select max(a.restored_at) from memory_archivings a where a.tenant_id = m.tenant_id and a.memory_id = m.id
     and a.restored_because <> 'undone')`;
