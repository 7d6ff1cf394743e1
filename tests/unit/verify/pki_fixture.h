// Signatures made by the openssl program with the keys of make-pki, and requests about them. Tests
// only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "helper/verify/wire/pki_wire.h"
#include "tests/unit/x509/pki_data.h"

namespace sifguard::test {

inline const std::string kPae = "DSSEv1 4 type 4 data";

/// The public half of NAME.key.
inline std::string public_pem(const std::string& name) {
  return openssl("pkey -in " + name + ".key -pubout");
}
/// Its id: 64 hexadecimal digits.
inline std::string spki_of(const std::string& name) {
  return openssl("pkey -in " + name + ".key -pubout -outform DER | openssl dgst -sha256 -r")
      .substr(0, 64);
}
/// A signature over `data` by NAME.key.
inline std::string signature_by(const std::string& name, const std::string& data = kPae) {
  write_file(pki() / "data", data);
  if (name == "ed25519") return openssl("pkeyutl -sign -rawin -inkey ed25519.key -in data");
  return openssl("dgst -sha256 -sign " + name + ".key data");
}

/// carol, with everything that makes her good.
inline PkiRequest good_request() {
  PkiRequest request;
  request.certificates = {pem("carol")};
  request.intermediates = {pem("inter")};
  request.roots = {pem("root")};
  request.now = made_at();
  request.pairs = {{kPae, signature_by("signer"), ""}};
  return request;
}

/// The pre-authentication encoding of the vector image's envelope and its signatures, taken apart
/// by other tools.
inline std::vector<PkiPair> vector_pairs() {
  const std::string image = std::string(SIFGUARD_VECTORS) + "/images/one-group-signed-dsse.sif";
  if (read_file(image).empty()) return {};
  const auto field = [&](const std::string& name, int number) {
    EXPECT_EQ(run(pki(), "grep -a -o '\"" + name + "\":\"[^\"]*\"' '" + image + "' | sed -n " +
                             std::to_string(number) + "p | cut -d '\"' -f 4 | tr -d '\\n' >field"),
              0);
    return read_file(pki() / "field");
  };
  const auto decoded = [&](const std::string& base64) {
    write_file(pki() / "base64", base64);
    return openssl("base64 -d -A -in base64");
  };
  const std::string type = field("payloadType", 1);
  const std::string payload = decoded(field("payload", 1));
  const std::string pae = "DSSEv1 " + std::to_string(type.size()) + " " + type + " " +
                          std::to_string(payload.size()) + " " + payload;
  std::vector<PkiPair> pairs;
  for (const int number : {1, 2}) {
    pairs.push_back({pae, decoded(field("sig", number)), field("keyid", number)});
  }
  return pairs;
}

inline std::string vector_key(const std::string& name) {
  return read_file(std::string(SIFGUARD_VECTORS) + "/keys/" + name + "-public.pem");
}

}  // namespace sifguard::test
