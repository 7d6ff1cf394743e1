// decode_bundle() of bundle.h. Pure but for what keys compute.
#include <map>
#include <set>

#include "keystore/base/fd.h"
#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/bundle/bundle.h"
#include "keystore/bundle/old_payload.h"
#include "keystore/policy/policy.h"
#include "keystore/store/meta.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kStoreDigits = 16;
constexpr std::size_t kMaxManifest = kMaxRecipients * (kCertificateDigits + 8);

/// The files by name, each to be taken once.
class Files {
 public:
  explicit Files(const std::vector<ArchiveFile>& files) {
    for (const ArchiveFile& file : files) files_.emplace(file.name, file.content);
  }
  [[nodiscard]] bool has(const std::string& name) const { return files_.contains(name); }
  [[nodiscard]] Result<std::span<const std::byte>> take(const std::string& name,
                                                        std::size_t limit) {
    const auto found = files_.find(name);
    if (found == files_.end()) return fail(Code::refused, "the bundle lacks " + name);
    const auto content = found->second;
    if (content.size() > limit) return fail(Code::refused, name + " is too large");
    files_.erase(found);
    return content;
  }
  [[nodiscard]] Result<std::string> text(const std::string& name, std::size_t limit) {
    SG_TRY(const auto content, take(name, limit));
    return std::string(as_text(content));
  }
  /// The names of the directories in `directory/`.
  [[nodiscard]] std::vector<std::string> below(const std::string& directory) const {
    std::set<std::string> names;
    for (const auto& [name, content] : files_) {
      if (!name.starts_with(directory + "/")) continue;
      const std::string rest = name.substr(directory.size() + 1);
      names.insert(rest.substr(0, rest.find('/')));
    }
    return {names.begin(), names.end()};
  }
  /// Errors when anything is left.
  [[nodiscard]] Status finish() const {
    if (files_.empty()) return {};
    return fail(Code::refused, "the bundle has a file that is not known: " + files_.begin()->first,
                kNewerFormat);
  }

 private:
  std::map<std::string, std::span<const std::byte>> files_;
};

/// Malformed content is the bundle's fault, not the configuration's.
template <typename T>
Result<T> as_refused(Result<T> result) {
  if (result || result.error().code() == Code::temporary) return result;
  return tl::unexpected(Error(Code::refused, result.error().what(), result.error().remedy()));
}

Result<Manifest> read_manifest(Files& files) {
  SG_TRY(const std::string text, files.text("manifest", kMaxManifest));
  StrictObject object = StrictObject::parse(text, "manifest", {.max_bytes = kMaxManifest});
  (void)read_version(object, 1, 1);
  Manifest manifest;
  manifest.store = object.string("store");
  manifest.serial = object.integer("serial");
  manifest.created = object.integer("created");
  manifest.recipients = object.strings("recipients");
  if (manifest.recipients.empty()) object.reject("no recipients");
  for (const std::string& recipient : manifest.recipients) {
    if (!is_lower_hex(recipient, kCertificateDigits)) object.reject("bad recipients");
  }
  if (!is_lower_hex(manifest.store, kStoreDigits)) object.reject("bad store");
  if (manifest.serial <= 0) object.reject("bad serial");
  // Every version has written it; without it nothing could be held against the node's clock.
  if (manifest.created <= 0) object.reject("bad created");
  SG_CHECK(object.finish());
  return manifest;
}

/// The private half must be of the key that its directory names.
Status check_private(const KeyEntry& entry, const std::string& name) {
  SG_TRY(const RsaPublicKey named, RsaPublicKey::from_pem(entry.public_pem));
  SG_TRY(const std::string id, named.id());
  if (id != entry.record.id) return fail(Code::refused, name + "public.pem is another key");
  if (!entry.record.has_private) return {};
  if (!entry.record.token.empty()) {
    if (as_text(entry.private_half.bytes()) == entry.record.token) return {};
    return fail(Code::refused, name + "private.pem is another token's key");
  }
  SG_TRY(const RsaPrivateKey key, RsaPrivateKey::from_pem(entry.private_half, nullptr));
  SG_TRY(const RsaPublicKey half, key.public_key());
  SG_TRY(const std::string own, half.id());
  if (own == id) return {};
  return fail(Code::refused, name + "private.pem is the private half of another key");
}

Result<KeyEntry> read_key(Files& files, const std::string& id) {
  const std::string name = "keys/" + id + "/";
  if (!is_lower_hex(id, 64)) return fail(Code::refused, name + " does not name a key");
  KeyEntry entry;
  SG_TRY(const std::string meta, files.text(name + "meta.yaml", kMaxMeta));
  SG_TRY(entry.record, parse_key_meta(meta, id, name + "meta.yaml"));
  SG_TRY(entry.public_pem, files.text(name + "public.pem", kMaxPem));
  if (!entry.record.thumbprint.empty()) {
    SG_TRY(entry.certificate_pem, files.text(name + "cert.pem", kMaxPem));
  }
  if (entry.record.has_private) {
    SG_TRY(const auto half, files.take(name + "private.pem", kMaxPem));
    SG_TRY(entry.private_half, SecretBytes::copy_of(half));
  }
  SG_CHECK(check_private(entry, name));
  return entry;
}

Result<SignerEntry> read_signer(Files& files, const std::string& entry) {
  const std::string name = "signers/" + entry + "/";
  std::string id = entry;
  if (id.size() > 4 && id[4] == '-') id[4] = ':';
  if (!is_signer_id(id)) return fail(Code::refused, name + " does not name a signer");
  SignerEntry signer;
  SG_TRY(const std::string meta, files.text(name + "meta.yaml", kMaxMeta));
  SG_TRY(signer.record, parse_signer_meta(meta, id, name + "meta.yaml"));
  SG_TRY(signer.key, files.text(name + "key", kMaxSignerKey));
  if (signer.key.empty()) return fail(Code::refused, name + "key is empty");
  return signer;
}

Result<Bundle> decode(Files& files) {
  Bundle bundle;
  StoreContent& content = bundle.content;
  SG_TRY(bundle.manifest, read_manifest(files));
  SG_TRY(content.images, files.text(kImagesFile, kMaxImagesSize));
  SG_TRY(const Policy sound, parse_policy(content.images));
  if (files.has("revoked.yaml")) {
    SG_TRY(content.revoked, files.text("revoked.yaml", kMaxPayload));
    SG_TRY(const auto readable, parse_revoked(content.revoked, "revoked.yaml"));
  }
  for (const std::string& id : files.below("keys")) {
    SG_TRY(KeyEntry key, read_key(files, id));
    content.keys.push_back(std::move(key));
  }
  for (const std::string& entry : files.below("signers")) {
    SG_TRY(SignerEntry signer, read_signer(files, entry));
    content.signers.push_back(std::move(signer));
  }
  for (const TrustKind kind : kTrustKinds) {
    const std::string directory = "trust/" + std::string(trust_kind_name(kind));
    for (const std::string& item : files.below(directory)) {
      const std::string name = directory + "/" + item;
      if (!is_lower_hex(item, 64)) return fail(Code::refused, name + " has no place there");
      SG_TRY(std::string text, files.text(name, max_trust_size(kind)));
      content.trust.emplace_back(kind, TrustItem{item, std::move(text)});
    }
  }
  SG_CHECK(files.finish());
  return bundle;
}

Result<std::vector<ArchiveFile>> files_of(std::span<const std::byte> payload) {
  if (payload.size() > kMaxPayload) return fail(Code::refused, "the bundle is too large");
  if (is_old_payload(payload)) return parse_old_payload(payload);
  if (!is_archive(payload)) {
    return fail(Code::refused, "not a bundle, or one of a later sifguard");
  }
  SG_TRY(Archive archive, decode_archive(payload, "the bundle"));
  return std::move(archive.files);
}

}  // namespace

Result<Bundle> decode_bundle(std::span<const std::byte> payload) {
  SG_TRY(const auto list, files_of(payload));
  Files files(list);
  auto bundle = as_refused(decode(files));
  if (!bundle) return tl::unexpected(std::move(bundle).error().prepend("the bundle"));
  return bundle;
}

}  // namespace sifguard
