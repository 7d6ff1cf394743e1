// The keystore: keys, signers and the images file under one root-owned directory. Root on nodes;
// `sifctl` runs as the owner of the directory.
//
// Layout (DESIGN: root:root 0700):
//   keys/ID/{meta.json,private.key,public.pem,cert.pem}   ID = SHA-256 of SubjectPublicKeyInfo
//   seal.json, and store-ID.key unless the store key is kept elsewhere (store_key_seal.h)
//   image-signers/{FINGERPRINT/{meta.json,key.asc},spki-ID/{meta.json,key.pem},cert-SHA256/{meta.json,cert.pem}}
//   removed/ENTRY, what is remembered of removed signers (removed_signers.h)
//   own/NAME/{meta.json,private.key} private keys that open no image (own_keys.h) images.yaml,
//   .lock, trust (trust_store.h), ca (authority_store.h) Files are written under a temporary name,
//   fsync'ed and renamed, under one lock: a crash leaves the old or the new state. Every file is
//   opened through trusted_file.h: a wrong owner, mode or link is an error that names it. Reading
//   takes no lock, because every file is replaced as a whole. (A shared lock of the directory, held
//   while a keystore is open, makes a command that replaces the directory wait briefly for
//   readers.)
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
  std::string predecessor;                 ///< the id of the key that it replaces; or empty
  std::string token;                       ///< URI of the key in a PKCS#11 token; or empty
  std::string image;  ///< "sha256:…": made for this one published image; or empty
  int bits = 0;
  std::int64_t created = 0;  ///< Unix seconds
  bool has_private =
      false;  ///< the keystore has the private half or, for a key in a token, its URI
  KeyRule rule;
};

/// Whether `reference` (see Keystore::find_key()) can mean this key.
[[nodiscard]] bool refers_to(std::string_view reference, const KeyRecord& key);
/// The key of `all` that `reference` means and, oldest first, the keys that replace it: images that
/// are bound to the key may be opened by any of them that still decrypts. Errors: Code::config.
[[nodiscard]] Result<std::vector<KeyRecord>> key_and_successors(const std::vector<KeyRecord>& all,
                                                                std::string_view reference);

struct SealPlace;        // store_keys.h
struct StoreKey;         // envelope.h
class StoredPrivateKey;  // stored_key.h

enum class SignerType { openpgp, public_key, certificate };
[[nodiscard]] std::string_view signer_type_name(SignerType type) noexcept;

struct SignerRecord {
  /// Its id in the keystore: an OpenPGP fingerprint (40 upper-case digits), "spki:" and SHA-256 of
  /// a SubjectPublicKeyInfo, or "cert:" and SHA-256 of a DER certificate (64 lower-case digits).
  std::string id;
  std::string label;  ///< user id, subject, or the admin's name for a public key
  std::string algorithm;
  std::int64_t created = 0;
  std::int64_t expires = 0;  ///< 0 = never
  std::int64_t added = 0;
  /// The signer ids (keystore/policy/signer_id.h) by which bindings may name it: the id itself or,
  /// for a certificate, its subject and alternative names. At least one.
  std::vector<std::string> names;
  SignerState state = SignerState::active;
  std::int64_t state_at = 0;  ///< since when; 0 if it was never changed
  std::string reason = {};    ///< why it was revoked (RFC 5280); empty if it was not

  [[nodiscard]] SignerType type() const noexcept;
  [[nodiscard]] bool is_named(std::string_view signer_id) const noexcept;
  /// Whether a signature with the date `made` counts; see signer_state.h.
  [[nodiscard]] bool counts(std::int64_t made) const noexcept;
  /// Whether it was retired or revoked under a clock that was ahead; see dated_since().
  [[nodiscard]] bool is_dated_ahead() const noexcept;
};

class Keystore {
 public:
  /// Makes the directory (its parent must exist and be trusted). An existing keystore is left
  /// unchanged (`created` false); anything else at that path is an error. A store key is made and
  /// sealed as requested; a file that already contains one is used unchanged.
  struct Init {
    bool created;
    Seal seal;  ///< if the keystore was made now
  };
  [[nodiscard]] static Result<Init> init(const std::string& directory, Trust trust,
                                         const SealOptions& options = {});
  /// Errors: Code::config for anything absent, malformed or not trustworthy.
  [[nodiscard]] static Result<Keystore> open(const std::string& directory, Trust trust,
                                             Writes writes = Writes::made);

  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

  /// How the store key is kept; the first seal is in use (see store_key_seal.h). Errors:
  /// Code::config, also for a keystore that has none yet.
  [[nodiscard]] Result<std::vector<Seal>> seals() const;
  /// The store key in use, for a backup. Errors: Code::config, also while a reseal is unfinished.
  [[nodiscard]] Result<StoreKey> copy_store_key() const;
  /// Makes a new store key, seals it as requested, and encrypts every private half under it, also
  /// those that older versions left unencrypted. If everything is under the file at the requested
  /// path already, nothing changes. Errors: those of opening a private half; then nothing changes.
  struct Resealed {
    Seal seal;
    std::vector<Seal> left_behind;  ///< of the old store key, if it was not removed
    std::size_t private_keys = 0;   ///< that were put under another store key
    bool already = false;
    std::optional<Seal> abandoned;  ///< file of an interrupted reseal to another place, which stays
  };
  [[nodiscard]] Result<Resealed> reseal(const SealOptions& options);

  /// Whether this is still the directory of that name: a bundle may have replaced it (content.h).
  /// Data that was read from a replaced directory is consistent but outdated, and must not be used.
  [[nodiscard]] bool is_current() const noexcept;
  /// Tells a process that replaces the keystore not to wait for this reader.
  void stop_reading() const noexcept;

  // For the other files of this folder (trust_store.h, authority_store.h).
  [[nodiscard]] Trust trust() const noexcept { return trust_; }
  [[nodiscard]] Result<EntryParent> top() const;  ///< the keystore's own directory
  /// Required by everything that writes. Locks nothing if writes are withheld.
  [[nodiscard]] Result<FileLock> lock() const;
  [[nodiscard]] SealPlace seal_place() const;  ///< valid as long as this object

  // Keys. `reference` is a name, an id, an unambiguous id prefix of 16 digits or more, or a
  // thumbprint (any case, colons allowed).
  [[nodiscard]] Result<std::vector<KeyRecord>> keys() const;  ///< sorted by name
  [[nodiscard]] Result<KeyRecord> find_key(std::string_view reference) const;
  /// Errors: Code::denied unless the state still decrypts; Code::config if the keystore has only
  /// the public half, or if the private half does not belong to this meta.json (envelope.h).
  [[nodiscard]] Result<RsaPrivateKey> load_private_key(const KeyRecord& key) const;
  /// The same, but not yet parsed (stored_key.h).
  [[nodiscard]] Result<StoredPrivateKey> stored_private_key(const KeyRecord& key) const;
  [[nodiscard]] Result<RsaPublicKey> load_public_key(const KeyRecord& key) const;
  /// PEM; empty if the key has none. Errors: Code::config.
  [[nodiscard]] Result<std::string> key_certificate(const KeyRecord& key) const;
  /// Opens every private half, whatever the state of its key; tokens are not asked. Returns those
  /// that cannot be opened ("keys/ID", "own"), with the reason. Errors: Code::config or
  /// Code::unavailable if the store key itself cannot be opened.
  [[nodiscard]] Result<std::vector<std::pair<std::string, Error>>> check_private_halves() const;

  struct NewKey {
    std::string name;
    const RsaPrivateKey* private_key = nullptr;  ///< null: public only
    const RsaPublicKey* public_key = nullptr;    ///< needed when private_key is null
    X509* certificate = nullptr;                 ///< optional; must hold the same public key
    std::string predecessor = {};                ///< id of the key that this one replaces, or empty
    std::string image = {};                      ///< as in KeyRecord
    std::optional<KeyRule> rule =
        {};  ///< its rule from the start; absent: none, or that of its predecessor
  };
  enum class Added { added, unchanged };
  struct AddResult {
    Added outcome;
    KeyRecord record;
  };
  /// If the same key exists under the same name, the outcome is `unchanged`, or `added` if it adds
  /// a missing private half or certificate. A new key gets the rule of its predecessor. After an
  /// error nothing has changed. Errors: Code::usage for the same key under another name or with
  /// another certificate, another key under this name, a second successor, or a key that was
  /// destroyed.
  [[nodiscard]] Result<AddResult> add_key(const NewKey& key);
  /// One step of key_state.h; `reason` is for KeyStep::revoke. Destroying overwrites the private
  /// half before it is deleted. Errors: Code::usage for a step that is impossible in this state;
  /// then nothing changes.
  [[nodiscard]] Result<KeyRecord> step_key(const std::string& id, KeyStep step,
                                           const std::string& reason = {});
  /// The same, among all keys of the keystore.
  [[nodiscard]] Result<std::vector<KeyRecord>> key_and_successors(std::string_view reference) const;
  Status set_key_rule(const std::string& id, const KeyRule& rule);

  // Signers. `id` as in SignerRecord; a fingerprint in any usual form.
  [[nodiscard]] Result<std::vector<SignerRecord>> signers() const;  ///< sorted by id
  /// All signers that may have one of these names, or whose revocation may affect one that has:
  /// OpenPGP keys by their fingerprint; certificates and raw keys, which may share a key, all or
  /// none. Sorted by id. Other signers are not read, so their errors cannot matter.
  [[nodiscard]] Result<std::vector<SignerRecord>> signers_for(
      const std::vector<std::string>& names) const;
  [[nodiscard]] Result<SignerRecord> find_signer(std::string_view id) const;
  /// Armored OpenPGP key, or PEM. Errors: Code::config.
  [[nodiscard]] Result<std::string> signer_key(std::string_view id) const;
  /// `added` of the record is ignored. An equal signer is `unchanged`; another text replaces the
  /// stored one. A new signer is active, unless it was removed in another state. An existing one
  /// keeps its state, but becomes revoked if the record is (its owner has revoked it). An OpenPGP
  /// key may only grow: it is replaced by one that was merged (openpgp_merge.h) with `merged_with`,
  /// the text that was stored at that time. Errors: Code::temporary when another text is stored
  /// now; then nothing changes.
  [[nodiscard]] Result<Added> add_signer(SignerRecord record, std::string_view key,
                                         std::string_view merged_with = {});
  /// The same, and returns the record as it is in the keystore afterwards.
  struct PutSigner {
    Added outcome = Added::added;
    SignerRecord record;
  };
  [[nodiscard]] Result<PutSigner> put_signer(SignerRecord record, std::string_view key,
                                             std::string_view merged_with = {});
  [[nodiscard]] Result<Added> add_signer(const OpenPgpKey& key, std::string_view armored,
                                         std::string_view merged_with = {});
  /// Removes the signer, and remembers it if that matters (removed_signers.h). Errors: Code::usage
  /// for a revoked signer.
  Status remove_signer(std::string_view id);
  /// Changes active to retired and back, and active or retired to revoked, which is final; the
  /// reason of a revocation may become graver (signer_state.h), and its date earlier. `at`: the
  /// date (Unix seconds), at most now; `reason`: for revoked. Errors: Code::usage; then nothing
  /// changes.
  [[nodiscard]] Result<SignerRecord> set_signer_state(std::string_view id, SignerState state,
                                                      std::int64_t at, const std::string& reason);

  // Image bindings, as text, which keystore/policy interprets.
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
