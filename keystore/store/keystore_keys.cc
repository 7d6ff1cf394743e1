// The keys of a keystore. Root on nodes; the owner of the directory in `sifctl`.
#include <time.h>

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/store/keystore.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kMinPrefix = 16;
constexpr std::size_t kThumbprintDigits = 40;

std::string without_colons(std::string_view text) {
  std::string digits = to_lower(text);
  std::erase(digits, ':');
  return digits;
}

bool refers_to(std::string_view reference, const KeyRecord& key) {
  if (reference == key.name) return true;
  const std::string digits = without_colons(reference);
  if (is_lower_hex(digits, kThumbprintDigits) && digits == key.thumbprint) return true;
  return digits == reference && digits.size() >= kMinPrefix && key.id.starts_with(digits);
}

/// What a stored key and a new one have to do with each other.
Result<Keystore::Added> compare(const KeyRecord& old, const KeyRecord& fresh) {
  if (old.id == fresh.id && old.name == fresh.name) {
    const bool completes = fresh.has_private && !old.has_private;
    return completes ? Keystore::Added::added : Keystore::Added::unchanged;
  }
  if (old.id == fresh.id) {
    return fail(Code::usage,
                "this key is already in the keystore under the name '" + old.name + "'",
                "use that name; a key has one name");
  }
  return fail(Code::usage, "the keystore has another key named '" + fresh.name + "'",
              "choose another name");
}

struct Material {
  KeyRecord record;
  SecretBytes private_pem;
  std::string public_pem;
  std::string certificate_pem;

  [[nodiscard]] Status store(const EntryParent& keys) const {
    const std::string meta = key_meta(record);
    std::vector<EntryFile> files = {{kMeta, as_bytes(meta), 0600},
                                    {kPublic, as_bytes(public_pem), 0644}};
    if (record.has_private) files.push_back({kPrivate, private_pem.bytes(), 0600});
    if (!certificate_pem.empty()) {
      files.push_back({kCertificate, as_bytes(certificate_pem), 0644});
    }
    return put_entry(keys, record.id, files);
  }
};

Result<RsaPublicKey> public_half(const Keystore::NewKey& key) {
  if (key.private_key != nullptr) return key.private_key->public_key();
  if (key.public_key != nullptr) {
    SG_TRY(const std::string pem, key.public_key->spki_pem());
    return RsaPublicKey::from_pem(pem);
  }
  return fail(Code::internal, "no key given to the keystore");
}

Result<Material> prepare(const Keystore::NewKey& key) {
  if (!is_name(key.name)) {
    return fail(Code::usage, "not a usable name for a key: '" + printable(key.name, 100) + "'",
                "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  SG_TRY(const RsaPublicKey half, public_half(key));
  Material material;
  KeyRecord& record = material.record;
  SG_TRY(record.id, half.id());
  record.name = key.name;
  record.bits = half.bits();
  record.created = ::time(nullptr);
  record.has_private = key.private_key != nullptr;
  SG_TRY(material.public_pem, half.spki_pem());
  if (record.has_private) {
    SG_TRY(material.private_pem, key.private_key->pkcs8_pem());
  }
  if (key.certificate != nullptr) {
    const EVP_PKEY* const own = X509_get0_pubkey(key.certificate);
    auto held = RsaPublicKey::from_pkey(own);
    if (!held || held->id() != record.id) {
      return fail(Code::refused, "the certificate is not of this key");
    }
    SG_TRY(record.thumbprint, certificate_thumbprint(*key.certificate));
    SG_TRY(material.certificate_pem, certificate_pem(*key.certificate));
  }
  return material;
}

}  // namespace

Result<KeyRecord> Keystore::read_key(const EntryParent& keys, const std::string& id) const {
  const std::string shown = keys.shown + "/" + id;
  if (!is_lower_hex(id, kIdDigits)) {
    return fail(Code::config, printable(shown) + " is not a key's directory", "move it away");
  }
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(keys.fd.get(), id, shown, trust_));
  const std::string meta = shown + "/" + kMeta;
  SG_TRY(const std::string text, read_store_file(fd.get(), kMeta, meta, kMaxMeta, trust_));
  return parse_key_meta(text, id, meta);
}

Result<std::vector<KeyRecord>> Keystore::keys() const {
  SG_TRY(const EntryParent all, parent(kKeys));
  SG_TRY(const auto ids, list_entries(all));
  std::vector<KeyRecord> records;
  for (const auto& id : ids) {
    SG_TRY(KeyRecord record, read_key(all, id));
    records.push_back(std::move(record));
  }
  std::sort(records.begin(), records.end(),
            [](const KeyRecord& a, const KeyRecord& b) { return a.name < b.name; });
  return records;
}

Result<KeyRecord> Keystore::find_key(std::string_view reference) const {
  SG_TRY(const auto all, keys());
  std::vector<const KeyRecord*> found;
  for (const KeyRecord& key : all) {
    if (refers_to(reference, key)) found.push_back(&key);
  }
  const std::string shown = "'" + printable(reference, 100) + "'";
  if (found.size() == 1) return *found.front();
  if (found.empty()) {
    return fail(Code::config, "no key " + shown + " in the keystore " + directory_,
                "see sifctl key list");
  }
  return fail(Code::config, shown + " fits more than one key of the keystore", "give a whole id");
}

Result<RsaPrivateKey> Keystore::load_private_key(const KeyRecord& key) const {
  // Read again: the state may have changed since the record was made.
  SG_TRY(const EntryParent all, parent(kKeys));
  SG_TRY(const KeyRecord now, read_key(all, key.id));
  if (now.state != KeyState::active && now.state != KeyState::retired) {
    return fail(Code::denied,
                "the key '" + now.name + "' is " + std::string(key_state_name(now.state)));
  }
  if (!now.has_private) {
    return fail(Code::config, "only the public half of the key '" + now.name + "' is held here");
  }
  const std::string shown = all.shown + "/" + key.id;
  const std::string file = shown + "/" + kPrivate;
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(all.fd.get(), key.id, shown, trust_));
  SG_TRY(const SecretBytes pem, read_store_secret(fd.get(), kPrivate, file, kMaxPem, trust_));
  auto loaded = RsaPrivateKey::from_pem(pem, nullptr);
  if (!loaded) return fail(Code::config, file + ": " + loaded.error().what());
  SG_TRY(const RsaPublicKey half, loaded->public_key());
  SG_TRY(const std::string id, half.id());
  if (id != key.id) return fail(Code::config, file + " is the private half of another key");
  return loaded;
}

Result<RsaPublicKey> Keystore::load_public_key(const KeyRecord& key) const {
  SG_TRY(const EntryParent all, parent(kKeys));
  const std::string shown = all.shown + "/" + key.id;
  const std::string file = shown + "/" + kPublic;
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(all.fd.get(), key.id, shown, trust_));
  SG_TRY(const std::string pem, read_store_file(fd.get(), kPublic, file, kMaxPem, trust_));
  auto loaded = RsaPublicKey::from_pem(pem);
  if (!loaded) return fail(Code::config, file + ": " + loaded.error().what());
  SG_TRY(const std::string id, loaded->id());
  if (id != key.id) return fail(Code::config, file + " is another key");
  return loaded;
}

Result<std::string> Keystore::read_certificate(const KeyRecord& key) const {
  SG_TRY(const EntryParent all, parent(kKeys));
  const std::string shown = all.shown + "/" + key.id;
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(all.fd.get(), key.id, shown, trust_));
  return read_store_file(fd.get(), kCertificate, shown + "/" + kCertificate, kMaxPem, trust_);
}

Result<Keystore::AddResult> Keystore::add_key(const NewKey& key) {
  SG_TRY(Material material, prepare(key));
  SG_TRY(const FileLock held, lock());
  SG_TRY(const auto all, keys());
  for (const KeyRecord& old : all) {
    if (old.id != material.record.id && old.name != material.record.name) continue;
    SG_TRY(const Added outcome, compare(old, material.record));
    if (outcome == Added::unchanged) return AddResult{outcome, old};
    // Completed by its private half: what was decided about the key stays, and so does its
    // certificate unless a new one came along.
    material.record.rule = old.rule;
    material.record.state = old.state;
    material.record.created = old.created;
    if (key.certificate == nullptr && !old.thumbprint.empty()) {
      material.record.thumbprint = old.thumbprint;
      SG_TRY(material.certificate_pem, read_certificate(old));
    }
  }
  SG_TRY(const EntryParent parents, parent(kKeys));
  SG_CHECK(material.store(parents));
  return AddResult{Added::added, material.record};
}

Status Keystore::set_key_rule(const std::string& id, const KeyRule& rule) {
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent all, parent(kKeys));
  SG_TRY(KeyRecord record, read_key(all, id));
  record.rule = rule;
  const std::string meta = key_meta(record);
  const std::string shown = all.shown + "/" + id;
  const std::string file = shown + "/" + kMeta;
  // What is written must be readable again: a bad fingerprint would lock the keystore up.
  if (const auto again = parse_key_meta(meta, id, file); !again) {
    return tl::unexpected(Error(Code::usage, again.error().what()));
  }
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(all.fd.get(), id, shown, trust_));
  return replace_file(fd.get(), kMeta, meta, 0600, file);
}

}  // namespace sifguard
