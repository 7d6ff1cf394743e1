// The key's file that an interrupted `sifctl ca issue` left. Runs with the rights of the admin of
// the CA's host.
#include "keystore/cli/left_key_file.h"

#include "keystore/base/input_file.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/private_pem.h"

namespace sifguard {
namespace {

tl::unexpected<Error> of_another_password(const std::string& what) {
  return fail(Code::refused, what,
              "repeat the command as it was then; for another key, revoke that certificate first "
              "(sifctl ca list, sifctl ca revoke)");
}

}  // namespace

Status check_same_password(const PasswordSource& source, const std::string& path) {
  SG_TRY(const SecretBytes pem, read_input_secret(path, kMaxKeyFile));
  const std::string left = "an interrupted run made " + path;
  const bool encrypted = is_encrypted_pem(pem);
  if (source.given() != encrypted) {
    return of_another_password(left + (encrypted ? " under a password, and none is given now"
                                                 : " without a password, and one is given now"));
  }
  if (!encrypted) return {};
  SG_TRY(const SecretBytes password, source.read(path));
  if (read_private_pem(pem, &password)) return {};
  return of_another_password(left + ", and the password does not open it");
}

}  // namespace sifguard
