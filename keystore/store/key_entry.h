// The directory of one key, as a whole: keys/ID/{meta.json,private.key,public.pem,cert.pem}. Runs
// with the rights of the keystore's owner; writing wants the keystore's lock held.
//
// Every change writes the whole directory anew and exchanges it, so that the files in one directory
// always belong together; private.key holds its private half to that (envelope.h).
#pragma once

#include <string>

#include "keystore/base/secret.h"
#include "keystore/store/entry_directory.h"
#include "keystore/store/keystore.h"
#include "keystore/store/store_keys.h"

namespace sifguard {

struct KeyEntry {
  KeyRecord record;
  /// PKCS#8 PEM or, for a key in a token, its URI once more, so that it is bound to the record in
  /// the same way; empty unless record.has_private and it was opened.
  SecretBytes private_half;
  std::string public_pem;
  std::string certificate_pem;  ///< may be empty
};

/// What to do about the private half on reading.
enum class PrivateHalf {
  leave,          ///< look at nothing of it
  open,           ///< open it
  open_or_plain,  ///< or read private.pem, where keystores kept it before there were store keys
};

/// Errors: Code::config for anything absent, malformed or not trustworthy.
[[nodiscard]] Result<KeyRecord> read_key_record(const EntryParent& keys, const std::string& id,
                                                Trust trust);
[[nodiscard]] Result<KeyEntry> read_key_entry(const EntryParent& keys, const std::string& id,
                                              PrivateHalf half, StoreKeys& store_keys, Trust trust);
/// The key in public.pem, which must be the one that the entry is named after. `keys`: the
/// directory of all, for messages. Errors: Code::config.
[[nodiscard]] Result<RsaPublicKey> public_half_of(const KeyEntry& entry, const std::string& keys);
/// The private half, if the record has one, goes under the current store key. Errors: Code::usage,
/// nothing written, for a record that could not be read again.
Status write_key_entry(const EntryParent& keys, const KeyEntry& entry, StoreKeys& store_keys);

/// The private half of an entry as it is on disk now, to be overwritten before or after the entry
/// is written anew. Where the filesystem or the disk keeps old blocks (copy on write, flash), an
/// overwritten file may still be found by who reads the device.
class OldPrivateHalf {
 public:
  enum class Which { any, plain };
  /// Nothing is held where writes are withheld. Errors: Code::config; that there is none is none.
  [[nodiscard]] static Result<OldPrivateHalf> hold(const EntryParent& keys, const std::string& id,
                                                   Which which, Trust trust);
  Status overwrite();

 private:
  std::vector<UniqueFd> files_;
  std::string shown_;
};

}  // namespace sifguard
