// Owned GPGME handles and its errors. The privilege of the owner of an OpenPgpSession.
#include "keystore/crypto/gpgme_handles.h"

#include <array>
#include <utility>

#include "keystore/base/lack.h"

namespace sifguard {
tl::unexpected<Error> fail_gpgme(Code code, std::string what, gpgme_error_t error,
                                 std::string remedy) {
  std::array<char, 256> words{};
  if (error != GPG_ERR_NO_ERROR && gpgme_strerror_r(error, words.data(), words.size() - 1) == 0) {
    what += std::string(": ") + words.data();
  }
  if (error != GPG_ERR_NO_ERROR && tells_of_lack(gpgme_err_code_to_errno(gpgme_err_code(error)))) {
    return fail(Code::temporary, std::move(what), "try again later");
  }
  return fail(code, std::move(what), std::move(remedy));
}

GpgmeContext new_openpgp_context(gpgme_error_t& error) {
  static const bool initialized = gpgme_check_version(nullptr) != nullptr;
  gpgme_ctx_t raw = nullptr;
  error = GPG_ERR_NOT_INITIALIZED;
  if (initialized) error = gpgme_new(&raw);
  GpgmeContext context(raw);
  if (error == GPG_ERR_NO_ERROR) error = gpgme_set_protocol(raw, GPGME_PROTOCOL_OpenPGP);
  if (error == GPG_ERR_NO_ERROR) error = gpgme_set_keylist_mode(raw, GPGME_KEYLIST_MODE_LOCAL);
  if (error == GPG_ERR_NO_ERROR) {
    gpgme_set_armor(raw, 1);
    gpgme_set_offline(raw, 1);
  }
  return context;
}

Result<GpgmeData> gpgme_view(std::string_view bytes) {
  gpgme_data_t data = nullptr;
  const gpgme_error_t error = gpgme_data_new_from_mem(&data, bytes.data(), bytes.size(), 0);
  if (error != GPG_ERR_NO_ERROR) return fail_gpgme(Code::temporary, "cannot use GPGME", error);
  return GpgmeData(data);
}

}  // namespace sifguard
