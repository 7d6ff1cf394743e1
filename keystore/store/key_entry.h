// The directory of one key, as a whole: keys/ID/{meta.json,private.key,public.pem,cert.pem}. Runs
// with the rights of the keystore's owner; writing requires the keystore's lock.
//
// Every change writes a new directory and exchanges it with the old one, so that the files in one
// directory always belong together; private.key is bound to them (envelope.h).
#pragma once

#include <string>

#include "keystore/base/secret.h"
#include "keystore/store/entry_directory.h"
#include "keystore/store/keystore.h"
#include "keystore/store/store_keys.h"

namespace sifguard {

struct KeyEntry {
  KeyRecord record;
  /// PKCS#8 PEM or, for a key in a token, a second copy of its URI, which is bound to the record in
  /// the same way; empty unless record.has_private and it was opened.
  SecretBytes private_half;
  std::string public_pem;
  std::string certificate_pem;  ///< may be empty
};

/// What to do about the private half on reading.
enum class PrivateHalf {
  leave,          ///< do not read it
  open,           ///< open it
  open_or_plain,  ///< open it, or read private.pem, where older keystores without a store key have
                  ///< it
};

/// Errors: Code::config for anything absent, malformed or not trustworthy.
[[nodiscard]] Result<KeyRecord> read_key_record(const EntryParent& keys, const std::string& id,
                                                Trust trust);
[[nodiscard]] Result<KeyEntry> read_key_entry(const EntryParent& keys, const std::string& id,
                                              PrivateHalf half, StoreKeys& store_keys, Trust trust);
/// The key in public.pem, which must be the key whose id is the entry's name. `keys`: the directory
/// of all keys, for messages. Errors: Code::config.
[[nodiscard]] Result<RsaPublicKey> public_half_of(const KeyEntry& entry, const std::string& keys);
/// Writes the entry. The private half, if the record has one, is encrypted under the current store
/// key. Errors: Code::usage for a record that could not be read again; then nothing is written.
Status write_key_entry(const EntryParent& keys, const KeyEntry& entry, StoreKeys& store_keys);

/// The private half of an entry as it is on disk now, to be overwritten before or after the entry
/// is rewritten. If the file system or the disk keeps old blocks (copy on write, flash), somebody
/// who reads the device may still find an overwritten file.
class OldPrivateHalf {
 public:
  enum class Which { any, plain };
  /// Opens the files; none if writes are withheld. Errors: Code::config; a missing private half is
  /// not an error.
  [[nodiscard]] static Result<OldPrivateHalf> hold(const EntryParent& keys, const std::string& id,
                                                   Which which, Trust trust);
  Status overwrite();

 private:
  std::vector<UniqueFd> files_;
  std::string shown_;
};

}  // namespace sifguard
