// Signature objects of every form around statements made in signing.h. The signatures are of no
// key: cryptography is not the verifier's business. Tests only.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <vector>

#include "tests/unit/verify/signing.h"

namespace sifguard::test {

inline const std::string kArmor =
    "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n";

inline std::string clearsigned(const std::string& text) {
  return "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" + text + "\n" + kArmor;
}

inline std::string base64(const std::string& bytes) {
  std::string text(bytes.size() / 3 * 4 + 8, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

struct EnvelopeSignature {
  std::string keyid;
  std::string raw;
};

inline std::string dsse_of(const std::string& payload,
                           const std::vector<EnvelopeSignature>& signatures) {
  std::string list;
  for (const EnvelopeSignature& one : signatures) {
    list += std::string(list.empty() ? "" : ",") + "{\"keyid\":\"" + one.keyid + "\",\"sig\":\"" +
            base64(one.raw) + "\"}";
  }
  return "{\"payloadType\":\"application/vnd.sylabs.sif-metadata+json\",\"payload\":\"" +
         base64(payload) + "\",\"signatures\":[" + list + "]}";
}

inline std::string pae_of(const std::string& payload) {
  return "DSSEv1 40 application/vnd.sylabs.sif-metadata+json " + std::to_string(payload.size()) +
         " " + payload;
}

/// A legacy signature as Singularity wrote it over `data`: of an object it stood in the object's
/// group, of a group in none. `link` as stored, `hash` 1 to 3.
inline ObjectSpec legacy_of(const std::string& data, std::uint32_t link, std::uint32_t group,
                            std::uint32_t hash = 2) {
  const char* const name = hash == 1 ? "sha256" : hash == 2 ? "sha384" : "sha512";
  ObjectSpec object;
  object.type = 0x4005;
  object.data = clearsigned("SIFHASH:\n" + hex_digest(data, name).substr(7));
  object.group = group;
  object.link = link;
  object.name = "part-signature";
  object.extra = le32(hash) + std::string(20, '\x42');
  return object;
}

}  // namespace sifguard::test
