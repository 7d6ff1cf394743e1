// The directory of one key, as a whole: keys/ID/{meta.yaml,private.pem,public.pem,cert.pem}. Runs
// with the rights of the keystore's owner; writing wants the keystore's lock held.
//
// Every change writes the whole directory anew and exchanges it, so that the files in one directory
// always belong together.
#pragma once

#include <string>

#include "keystore/base/secret.h"
#include "keystore/store/entry.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct KeyEntry {
  KeyRecord record;
  SecretBytes private_pem;  ///< PKCS#8; empty unless record.has_private
  std::string public_pem;
  std::string certificate_pem;  ///< may be empty
};

/// Errors: Code::config for anything absent, malformed or not trustworthy.
[[nodiscard]] Result<KeyRecord> read_key_record(const EntryParent& keys, const std::string& id,
                                                Trust trust);
[[nodiscard]] Result<KeyEntry> read_key_entry(const EntryParent& keys, const std::string& id,
                                              Trust trust);
/// The same but for the private half, which is left empty, whatever the record says.
[[nodiscard]] Result<KeyEntry> read_public_entry(const EntryParent& keys, const std::string& id,
                                                 Trust trust);
/// Errors: Code::usage, nothing written, for a record that could not be read again.
Status write_key_entry(const EntryParent& keys, const KeyEntry& entry);
/// Writes the entry without its private half (has_private must be false), and overwrites the old
/// one on disk. Where the filesystem or the disk keeps old blocks (copy on write, flash), an
/// overwritten file may still be found by who reads the device.
Status write_without_private(const EntryParent& keys, const KeyEntry& entry, Trust trust);

}  // namespace sifguard
