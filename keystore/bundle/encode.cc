// encode_bundle() of bundle.h. Pure.
#include <deque>
#include <nlohmann/json.hpp>

#include "keystore/base/fd.h"
#include "keystore/bundle/bundle.h"
#include "keystore/policy/policy.h"
#include "keystore/store/archive.h"
#include "keystore/store/meta.h"

namespace sifguard {
namespace {

/// Keeps the texts alive until they are in the payload.
class FileList {
 public:
  void add(std::string name, std::string text) {
    texts_.push_back(std::move(text));
    archive_.files.push_back({std::move(name), 0644, as_bytes(texts_.back())});
  }
  void add_secret(std::string name, const SecretBytes& secret) {
    archive_.files.push_back({std::move(name), 0600, secret.bytes()});
  }
  [[nodiscard]] Result<SecretBytes> finish(std::int64_t created) {
    archive_.created = created;
    archive_.sort();
    SG_TRY(SecretBytes payload, encode_secret_archive(archive_));
    if (payload.size() <= kMaxPayload) return payload;
    return fail(Code::refused, "the bundle would be too large");
  }

 private:
  std::deque<std::string> texts_;
  Archive archive_;
};

std::string manifest_text(const Manifest& manifest) {
  const nlohmann::ordered_json object = {{"version", 1},
                                         {"store", manifest.store},
                                         {"serial", manifest.serial},
                                         {"created", manifest.created},
                                         {"recipients", manifest.recipients}};
  return object.dump() + "\n";
}

}  // namespace

Result<SecretBytes> encode_bundle(const Manifest& manifest, const StoreContent& content) {
  if (manifest.recipients.size() > kMaxRecipients) {
    return fail(Code::usage, "more than " + std::to_string(kMaxRecipients) + " nodes",
                "make one bundle for some, another for the others");
  }
  FileList files;
  files.add("manifest", manifest_text(manifest));
  files.add(kImagesFile, content.images);
  if (!content.revoked.empty()) files.add("revoked.yaml", content.revoked);
  for (const KeyEntry& key : content.keys) {
    const std::string directory = "keys/" + key.record.id + "/";
    files.add(directory + "meta.yaml", key_meta(key.record));
    files.add(directory + "public.pem", key.public_pem);
    if (!key.certificate_pem.empty()) files.add(directory + "cert.pem", key.certificate_pem);
    if (key.record.has_private) files.add_secret(directory + "private.pem", key.private_half);
  }
  for (const SignerEntry& signer : content.signers) {
    std::string entry = signer.record.id;
    for (char& c : entry) {
      if (c == ':') c = '-';
    }
    files.add("signers/" + entry + "/meta.yaml", signer_meta(signer.record));
    files.add("signers/" + entry + "/key", signer.key);
  }
  for (const auto& [kind, item] : content.trust) {
    files.add("trust/" + std::string(trust_kind_name(kind)) + "/" + item.name, item.text);
  }
  return files.finish(manifest.created);
}

}  // namespace sifguard
