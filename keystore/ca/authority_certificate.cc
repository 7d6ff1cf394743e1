// The certificate of an authority of the keystore's CA. The owner of the keystore, on the CA's
// host.
#include "keystore/ca/authority_certificate.h"

#include "keystore/store/store_files.h"
#include "keystore/x509/certificate_path.h"

namespace sifguard {

Result<Certificate> authority_certificate(const Keystore& keystore, const std::string& name) {
  SG_TRY(const std::string pem, read_authority_certificate(keystore, name));
  auto certificate = parse_one_certificate(pem);
  if (certificate) return certificate;
  const std::string path =
      keystore.directory() + "/" + std::string(kCaAuthorities) + name + "/" + kCertificate;
  return fail(Code::config, "the CA is damaged: " + path + ": " + certificate.error().what(),
              "bring it back from a backup: sifctl ca restore FILE");
}

}  // namespace sifguard
