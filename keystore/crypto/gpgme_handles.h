// Owned GPGME handles and its errors. The privilege of whoever holds an OpenPgpSession.
#pragma once

#include <gpgme.h>

#include <memory>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct GpgmeDeleter {
  void operator()(gpgme_context* context) const noexcept { gpgme_release(context); }
  void operator()(gpgme_data* data) const noexcept { gpgme_data_release(data); }
  void operator()(_gpgme_key* key) const noexcept { gpgme_key_unref(key); }
};
using GpgmeContext = std::unique_ptr<gpgme_context, GpgmeDeleter>;
using GpgmeData = std::unique_ptr<gpgme_data, GpgmeDeleter>;
using GpgmeKey = std::unique_ptr<_gpgme_key, GpgmeDeleter>;

/// `what`, followed by GPGME's message. Code::temporary, whatever `code` says, for an error that
/// only means that processes, memory, descriptors or space are short.
[[nodiscard]] tl::unexpected<Error> fail_gpgme(Code code, std::string what, gpgme_error_t error,
                                               std::string remedy = {});

/// A context for OpenPGP that uses only local keys, writes armor and never uses the network; its
/// gpg has not been started yet. `error`: the error of GPGME, with which the context is unusable.
[[nodiscard]] GpgmeContext new_openpgp_context(gpgme_error_t& error);

/// A view of `bytes`, which must outlive it.
[[nodiscard]] Result<GpgmeData> gpgme_view(std::string_view bytes);

/// The text of a C string that may be null.
[[nodiscard]] inline std::string_view text_or_empty(const char* text) noexcept {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

}  // namespace sifguard
