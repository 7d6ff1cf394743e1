// Backups of a CA alone, as an older sifctl wrote them (ca_file.h, formats 2 and 1). Tests only.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "keystore/backup/password_file.h"
#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/ca/authority.h"
#include "keystore/crypto/aead.h"
#include "keystore/store/envelope.h"

namespace sifguard::test {

/// `key`: nullptr where keys are left out.
inline std::string old_ca_content(const Keystore& keystore, std::int64_t made, int version,
                                  const StoreKey* key) {
  auto authorities = nlohmann::ordered_json::array();
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    const AuthorityEntry entry = read_authority(keystore, name).value();
    const std::string beside = entry.name + "\n" + entry.certificate_pem;
    const std::string sealed =
        key == nullptr ? "" : to_base64(seal_envelope(*key, entry.private_key, beside).value());
    authorities.push_back(
        {{"name", name}, {"certificate", entry.certificate_pem}, {"private_key", sealed}});
  }
  const CaIndex index = ca_index(keystore).value();
  auto certificates = nlohmann::ordered_json::array();
  for (const IssuedCertificate& one : index.issued) {
    const auto pem = read_ca_certificate(keystore, one.serial);
    if (pem) certificates.push_back({{"serial", one.serial}, {"pem", *pem}});
  }
  const nlohmann::ordered_json all = {{"version", version},
                                      {"made", made},
                                      {"authorities", authorities},
                                      {"index", format_ca_index(index)},
                                      {"certificates", certificates}};
  return all.dump(0, ' ', true);
}

/// Format 2.
inline std::string old_ca_file(const Keystore& keystore, const SecretBytes& password,
                               std::int64_t made) {
  StoreKey key;
  key.secret = random_secret(kSealedSecretBytes).value();
  key.id = store_key_id(key.secret).value();
  const std::string content = old_ca_content(keystore, made, 2, &key);
  const auto file = seal_file(password, key.secret, as_bytes(content));
  EXPECT_TRUE(file) << file.error().line();
  return std::string(as_text(*file));
}

/// Format 1, as of a CA with all keys in tokens.
inline std::string old_signed_ca_file(const Keystore& keystore, std::int64_t made) {
  const std::string content = old_ca_content(keystore, made, 1, nullptr);
  const Issuer root = load_issuer(keystore, kRootAuthority).value();
  const std::string bytes = root.key.sign("sifguard CA backup 1\n" + content).value();
  const nlohmann::ordered_json all = {
      {"version", 1}, {"content", content}, {"signature", to_base64(as_bytes(bytes))}};
  return all.dump(1, ' ', true) + "\n";
}

}  // namespace sifguard::test
