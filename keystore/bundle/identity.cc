// The identity of a keystore for others. The owner of the keystore, in `sifctl`.
#include "keystore/bundle/identity.h"

#include "keystore/base/in_place.h"
#include "keystore/bundle/certificates.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/store/own_keys.h"
#include "keystore/store/single_file.h"
#include "keystore/store/site_key.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kNodePrefix = "node-";
constexpr const char* kNode = "node.pem";
constexpr const char* kSite = "site.pem";
constexpr const char* kSiteKey = "site";
constexpr std::size_t kDigits = 16;

Result<std::optional<std::string>> read_certificate(const Keystore& keystore, const char* name) {
  SG_TRY(const EntryParent top, keystore.top());
  return find_file(top, name, kMaxPem, keystore.trust());
}

Status write_certificate(const EntryParent& top, const char* name, const X509& certificate) {
  SG_TRY(const std::string pem, certificate_pem(certificate));
  return put_file(top, name, pem);
}

Result<std::string> node_key_name(const X509& certificate) {
  SG_TRY(const std::string fingerprint, certificate_fingerprint(certificate));
  return kNodePrefix + fingerprint.substr(0, kDigits);
}

Result<CertifiedKey> join(const Keystore& keystore, const std::string& pem, const char* file,
                          const std::string& key_name) {
  const std::string where = keystore.directory() + "/" + file;
  CertifiedKey own;
  SG_TRY(own.certificate, only_certificate(pem, where));
  SG_TRY(const auto half, load_own_key(keystore, key_name));
  if (!half) return fail(Code::config, where + ": the private key of it is missing");
  SG_TRY(own.key, read_private_pem(*half, nullptr));
  if (certificate_fits(*own.certificate, own.key.get())) return own;
  return fail(Code::config, where + " is the certificate of another key");
}

/// The key of before, and any whose certificate an interrupted run did not come to write.
Status remove_other_nodes(const EntryParent& top, const std::string& name, Trust trust) {
  SG_TRY(const EntryParent own, open_parent(top, kOwnKeys, trust));
  SG_TRY(const auto names, list_entries(own));
  for (const std::string& other : names) {
    if (other.starts_with(kNodePrefix) && other != name) SG_CHECK(remove_entry(own, other));
  }
  return {};
}

/// Nobody has seen a key without its certificate: what is not whole goes, and is not in place.
Status add_node_key(const Keystore& keystore, const FileLock& held, const EntryParent& top,
                    const std::string& name, const SecretBytes& half) {
  const Status added = add_own_key(keystore, held, name, half);
  if (added) return {};
  if (const auto own = open_parent(top, kOwnKeys, keystore.trust())) {
    (void)remove_entry(*own, name);
  }
  return taken_back(added);
}

}  // namespace

Result<std::optional<std::string>> node_certificate(const Keystore& keystore) {
  return read_certificate(keystore, kNode);
}

Result<CertifiedKey> open_node(const Keystore& keystore) {
  SG_TRY(const auto pem, node_certificate(keystore));
  if (!pem) {
    return fail(Code::config, keystore.directory() + " has no key of a node",
                "make one with sifctl node init");
  }
  SG_TRY(const Certificate certificate, only_certificate(*pem, keystore.directory() + "/" + kNode));
  SG_TRY(const std::string name, node_key_name(*certificate));
  return join(keystore, *pem, kNode, name);
}

Status set_node(const Keystore& keystore, const CertifiedKey& node) {
  SG_TRY(const std::string name, node_key_name(*node.certificate));
  SG_TRY(const SecretBytes half, private_pem(node.key.get(), "PrivateKeyInfo"));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const auto there, load_own_key(keystore, name));
  if (!there) SG_CHECK(add_node_key(keystore, held, top, name, half));
  SG_CHECK(write_certificate(top, kNode, *node.certificate));
  return remove_other_nodes(top, name, keystore.trust());
}

Result<bool> has_site_certificate(const Keystore& keystore) {
  SG_TRY(const auto there, read_certificate(keystore, kSite));
  return there.has_value();
}

Result<Certificate> site_certificate(const Keystore& keystore) {
  SG_TRY(const auto there, read_certificate(keystore, kSite));
  if (there) return only_certificate(*there, keystore.directory() + "/" + kSite);
  SG_TRY(const SigningKey made, site_key(keystore));
  SG_TRY(const SecretBytes half, made.pkcs8_pem());
  SG_TRY(const Pkey key, read_private_pem(half, nullptr));
  SG_TRY(Certificate certificate, certify_key(key.get(), CertifiedUse::sign, "sifguard bundles"));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto meanwhile, read_certificate(keystore, kSite));
  if (meanwhile) return only_certificate(*meanwhile, keystore.directory() + "/" + kSite);
  SG_TRY(const EntryParent top, keystore.top());
  SG_CHECK(write_certificate(top, kSite, *certificate));
  return certificate;
}

Result<CertifiedKey> open_site(const Keystore& keystore) {
  SG_TRY(const Certificate certificate, site_certificate(keystore));
  SG_TRY(const std::string pem, certificate_pem(*certificate));
  return join(keystore, pem, kSite, kSiteKey);
}

}  // namespace sifguard
