// The keystore: keys, signers and the images file under one root-owned directory. Root on nodes;
// `sifctl` runs as the owner of the directory.
//
// Layout (DESIGN: root:root 0700):
//   keys/ID/{meta.json,private.key,public.pem,cert.pem}   ID = SHA-256 of SubjectPublicKeyInfo
//   seal.json, and store-ID.key unless the store key is kept elsewhere (store_key_seal.h)
//   image-signers/{FINGERPRINT/{meta.json,key.asc},spki-ID/{meta.json,key.pem},cert-SHA256/{meta.json,cert.pem}}
//   removed/ENTRY, what is remembered of signers that are gone (removed_signers.h)
//   own/NAME/{meta.json,private.key}   private keys that open no image (own_keys.h)
//   images.yaml, .lock, trust (trust_store.h), ca (authority_store.h)
// Writes are made beside, fsync'ed and renamed under one lock: a crash leaves the old or the new
// state. Every file is opened through trusted_file.h: a wrong owner, mode or link is an error that
// names it. Reading takes no lock: every file is replaced as a whole. (A shared one of the
// directory itself, held while a keystore is open, makes who replaces all of it wait a little for
// readers.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/atomic_file.h"
#include "keystore/base/trusted_file.h"
#include "keystore/crypto/openpgp.h"
#include "keystore/crypto/rsa.h"
#include "keystore/policy/key_rule.h"
#include "keystore/store/entry_directory.h"
#include "keystore/store/key_state.h"
#include "keystore/store/signer_state.h"
#include "keystore/store/store_key_seal.h"

namespace sifguard {

struct KeyRecord {
  std::string id;          ///< 64 lower-case hexadecimal digits
  std::string name;        ///< is_name()
  std::string thumbprint;  ///< SHA-1 of the DER certificate, 40 lower-case digits; may be empty
  KeyState state = KeyState::active;
  std::optional<KeyState> previous_state;  ///< before the last change; absent if there was none
  std::int64_t state_since = 0;            ///< Unix seconds
  std::string reason;                      ///< why it was revoked (RFC 5280); empty if it was not
  std::string predecessor;                 ///< the id of the key it was made to replace; or empty
  std::string token;                       ///< URI of the PKCS#11 key that it is; or empty
  std::string image;  ///< "sha256:…": made for this one published image; or empty
  int bits = 0;
  std::int64_t created = 0;  ///< Unix seconds
  bool has_private = false;  ///< held here or, in a token, from here
  KeyRule rule;
};

/// Whether `reference` (see Keystore::find_key()) can mean this key.
[[nodiscard]] bool refers_to(std::string_view reference, const KeyRecord& key);
/// The key of `all` that is meant and, oldest first, the keys that were made to replace it: what is
/// bound to the one is opened by any of them that still decrypts. Errors: Code::config.
[[nodiscard]] Result<std::vector<KeyRecord>> key_and_successors(const std::vector<KeyRecord>& all,
                                                                std::string_view reference);

struct SealPlace;        // store_keys.h
struct StoreKey;         // envelope.h
class StoredPrivateKey;  // stored_key.h

enum class SignerType { openpgp, public_key, certificate };
[[nodiscard]] std::string_view signer_type_name(SignerType type) noexcept;

struct SignerRecord {
  /// What the keystore calls it: an OpenPGP fingerprint (40 upper-case digits), "spki:" and SHA-256
  /// of a SubjectPublicKeyInfo, or "cert:" and SHA-256 of a DER certificate (64 lower-case digits).
  std::string id;
  std::string label;  ///< user id, subject, or what the admin called a public key
  std::string algorithm;
  std::int64_t created = 0;
  std::int64_t expires = 0;  ///< 0 = never
  std::int64_t added = 0;
  /// The signer ids (keystore/policy/signer_id.h) that bindings may call it by: the id itself, but
  /// for a certificate its subject and alternative names. At least one.
  std::vector<std::string> names;
  SignerState state = SignerState::active;
  std::int64_t state_at = 0;  ///< since when; 0 if it was never changed
  std::string reason = {};    ///< why it was revoked (RFC 5280); empty if it was not

  [[nodiscard]] SignerType type() const noexcept;
  [[nodiscard]] bool is_named(std::string_view signer_id) const noexcept;
  /// Whether its signature counts that says it was made at `made`; see signer_state.h.
  [[nodiscard]] bool counts(std::int64_t made) const noexcept;
  /// Whether it was retired or revoked under a clock that was ahead: dated_since().
  [[nodiscard]] bool is_dated_ahead() const noexcept;
};

class Keystore {
 public:
  /// Makes the directory (its parent must exist and be trusted). An existing keystore is left as it
  /// is (`created` false); anything else in the way is an error. A store key is made and put under
  /// the seal asked for; a file that already holds one is used as it is.
  struct Init {
    bool created;
    Seal seal;  ///< of a keystore just made
  };
  [[nodiscard]] static Result<Init> init(const std::string& directory, Trust trust,
                                         const SealOptions& options = {});
  /// Errors: Code::config for anything absent, malformed or not trustworthy.
  [[nodiscard]] static Result<Keystore> open(const std::string& directory, Trust trust,
                                             Writes writes = Writes::made);

  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

  /// How the store key is kept; the first is the one in use (see store_key_seal.h). Errors:
  /// Code::config, also for a keystore that has none yet.
  [[nodiscard]] Result<std::vector<Seal>> seals() const;
  /// The store key in use, for a backup. Errors: Code::config, also while a reseal is unfinished.
  [[nodiscard]] Result<StoreKey> copy_store_key() const;
  /// Makes a new store key, puts it under the seal asked for and every private half under it, those
  /// too that an older sifguard left unencrypted. Errors: what cannot be opened, and nothing
  /// changes.
  struct Resealed {
    Seal seal;
    std::vector<Seal> left_behind;  ///< of the old store key, where it was not removed
    std::size_t private_keys = 0;
  };
  [[nodiscard]] Result<Resealed> reseal(const SealOptions& options);

  /// Whether this still is what the directory's name leads to: a bundle may have taken its place
  /// (content.h). What was read before that belongs together, but is not to be acted upon.
  [[nodiscard]] bool is_current() const noexcept;
  /// For who replaces it: do not wait for this reader.
  void stop_reading() const noexcept;

  // For the other files of this folder (trust_store.h, authority_store.h).
  [[nodiscard]] Trust trust() const noexcept { return trust_; }
  [[nodiscard]] Result<EntryParent> top() const;  ///< the keystore's own directory
  /// Wanted by everything that writes. Nothing is locked where writes are withheld.
  [[nodiscard]] Result<FileLock> lock() const;
  [[nodiscard]] SealPlace seal_place() const;  ///< valid as long as this object

  // Keys. `reference` is a name, an id, an unambiguous id prefix of 16 digits or more, or a
  // thumbprint (any case, colons allowed).
  [[nodiscard]] Result<std::vector<KeyRecord>> keys() const;  ///< sorted by name
  [[nodiscard]] Result<KeyRecord> find_key(std::string_view reference) const;
  /// Errors: Code::denied unless the state still decrypts; Code::config if only public is held, or
  /// if the private half does not belong to what meta.json says of the key (envelope.h).
  [[nodiscard]] Result<RsaPrivateKey> load_private_key(const KeyRecord& key) const;
  /// The same, not taken apart yet (stored_key.h).
  [[nodiscard]] Result<StoredPrivateKey> stored_private_key(const KeyRecord& key) const;
  [[nodiscard]] Result<RsaPublicKey> load_public_key(const KeyRecord& key) const;
  /// PEM; empty for a key without. Errors: Code::config.
  [[nodiscard]] Result<std::string> key_certificate(const KeyRecord& key) const;
  /// Opens every private half that is held, whatever the state of its key, and asks no token for
  /// those in one. Gives those that do not open ("keys/ID", "own"), and why. Errors: Code::config
  /// or Code::unavailable if the store key itself does not.
  [[nodiscard]] Result<std::vector<std::pair<std::string, Error>>> check_private_halves() const;

  struct NewKey {
    std::string name;
    const RsaPrivateKey* private_key = nullptr;  ///< null: public only
    const RsaPublicKey* public_key = nullptr;    ///< needed when private_key is null
    X509* certificate = nullptr;                 ///< optional; must hold the same public key
    std::string predecessor = {};                ///< id of the key that this one replaces, or empty
    std::string image = {};                      ///< as in KeyRecord
    std::optional<KeyRule> rule = {};  ///< from the start; else none, or its predecessor's
  };
  enum class Added { added, unchanged };
  struct AddResult {
    Added outcome;
    KeyRecord record;
  };
  /// The same key again under the same name is `unchanged`, or `added` if it brings a private half
  /// or a certificate that was missing. A new key takes over the rule of its predecessor.
  /// Errors, nothing having changed: Code::usage for the same key under another name or with
  /// another certificate, another key under this name, a second successor, a key destroyed before.
  [[nodiscard]] Result<AddResult> add_key(const NewKey& key);
  /// One step of key_state.h; `reason` is for KeyStep::revoke. Destroying overwrites the private
  /// half before it is deleted. Errors: Code::usage for a step that does not follow; nothing
  /// changes.
  [[nodiscard]] Result<KeyRecord> step_key(const std::string& id, KeyStep step,
                                           const std::string& reason = {});
  /// As above, of all keys.
  [[nodiscard]] Result<std::vector<KeyRecord>> key_and_successors(std::string_view reference) const;
  Status set_key_rule(const std::string& id, const KeyRule& rule);

  // Signers. `id` as in SignerRecord; a fingerprint in any usual spelling.
  [[nodiscard]] Result<std::vector<SignerRecord>> signers() const;  ///< sorted by id
  /// All that may bear one of these names, or speak against who does: OpenPGP keys by their
  /// fingerprint; certificates and raw keys, which may share a key, all or none. Sorted by id. Of
  /// other signers nothing is read, so that they cannot be in the way.
  [[nodiscard]] Result<std::vector<SignerRecord>> signers_for(
      const std::vector<std::string>& names) const;
  [[nodiscard]] Result<SignerRecord> find_signer(std::string_view id) const;
  /// Armored OpenPGP key, or PEM. Errors: Code::config.
  [[nodiscard]] Result<std::string> signer_key(std::string_view id) const;
  /// `added` of the record is ignored. The same again is `unchanged`; another text refreshes it.
  /// A new signer is active, unless it was removed in another state; one that is there keeps its
  /// state, unless it was not revoked and the record is: its owner has revoked it. What an OpenPGP
  /// key says may only be added to: it is replaced by what was merged (openpgp_merge.h) with
  /// `merged_with`, the stored text of then. Errors: Code::temporary, nothing changing, when that
  /// is not what is stored.
  [[nodiscard]] Result<Added> add_signer(SignerRecord record, std::string_view key,
                                         std::string_view merged_with = {});
  /// The same, with the record as it is in the keystore then.
  struct PutSigner {
    Added outcome = Added::added;
    SignerRecord record;
  };
  [[nodiscard]] Result<PutSigner> put_signer(SignerRecord record, std::string_view key,
                                             std::string_view merged_with = {});
  [[nodiscard]] Result<Added> add_signer(const OpenPgpKey& key, std::string_view armored,
                                         std::string_view merged_with = {});
  /// It is remembered where that matters (removed_signers.h). Errors: Code::usage for a revoked
  /// one.
  Status remove_signer(std::string_view id);
  /// Active to retired and back, active or retired to revoked, which is for good; what is revoked
  /// may be so for a graver reason (signer_state.h) or since an earlier time. `at`: since when
  /// (Unix seconds), at most now; `reason` for revoked. Errors: Code::usage, nothing changing.
  [[nodiscard]] Result<SignerRecord> set_signer_state(std::string_view id, SignerState state,
                                                      std::int64_t at, const std::string& reason);

  // Image bindings, as text: keystore/policy gives it meaning.
  [[nodiscard]] Result<std::string> images_text() const;
  Status replace_images_text(std::string_view text);

 private:
  Keystore(std::string directory, Trust trust, Writes writes, UniqueFd fd)
      : directory_(std::move(directory)), trust_(trust), writes_(writes), fd_(std::move(fd)) {}
  [[nodiscard]] Result<EntryParent> parent(const char* name) const;
  [[nodiscard]] Result<StoredPrivateKey> stored_private_once(const std::string& id) const;
  [[nodiscard]] Result<std::vector<SignerRecord>> signers_that(
      const std::function<bool(const std::string&)>& wanted) const;

  std::string directory_;
  Trust trust_;
  Writes writes_;
  UniqueFd fd_;
};

}  // namespace sifguard
