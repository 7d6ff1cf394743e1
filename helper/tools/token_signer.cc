// A signer whose key is in a PKCS#11 token. The user's rights.
#include "helper/tools/token_signer.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "helper/tools/pkcs11_uri.h"
#include "keystore/base/passphrase.h"
#include "keystore/base/text.h"
#include "keystore/crypto/token_key.h"

namespace sifguard {
namespace {

constexpr const char* kModuleVariable = "PKCS11_MODULE_PATH";

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

/// RFC 3986 2.3, and slashes, which RFC 7512 leaves in paths.
std::string encoded(std::string_view path) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string text;
  for (const char c : path) {
    const bool plain = kPlain.find(c) != std::string_view::npos;
    text += plain ? std::string(1, c) : "%" + to_hex(std::as_bytes(std::span(&c, 1)));
  }
  return text;
}

/// The URI without what we read ourselves, and with the library to load.
Result<std::string> uri_for_token(const Pkcs11Uri& uri) {
  std::string module = uri.module;
  const char* const given = ::secure_getenv(kModuleVariable);
  if (module.empty() && given != nullptr) module = given;
  if (module.empty()) return uri.object;
  if (::access(module.c_str(), R_OK) != 0) {
    return fail_errno(Code::unavailable, "cannot use the PKCS#11 module " + module, errno);
  }
  return uri.object + "?module-path=" + encoded(module);
}

/// The terminal, where a person sees what the token warns of.
Status ask_at_terminal(TokenLogin& login, const std::string& object, WantedPin wanted) {
  const bool few = wanted == WantedPin::few_tries_left;
  const std::string warning = few ? ", which soon locks itself" : "";
  login.how = "typed";
  SG_TRY(login.pin,
         ask_passphrase({"PIN for " + object + warning + ": ", "a PIN is needed for " + object,
                         "give --passphrase-file or --passphrase-fd"}));
  return {};
}

Status read_pin(TokenLogin& login, const PinSource& source) {
  if (source.fd >= 0) {
    login.how = "piped";
    SG_TRY(login.pin, read_passphrase_fd(source.fd));
    return {};
  }
  SG_TRY(login.pin, read_passphrase_file(source.file));
  const std::unique_ptr<char, void (*)(void*)> path(::realpath(source.file.c_str(), nullptr),
                                                    ::free);
  const bool nameable =
      path != nullptr && std::string_view(path.get()).find('\n') == std::string_view::npos;
  login.how = nameable ? "file:" + std::string(path.get()) : "piped";
  return {};
}

/// A line of the question: one with an end in it would be two.
Status check_pin(const SecretBytes& pin) {
  const auto bytes = pin.bytes();
  if (std::find(bytes.begin(), bytes.end(), std::byte{'\n'}) == bytes.end()) return {};
  return fail(Code::refused, "the PIN has more than one line");
}

Status log_in(TokenLogin& login, const std::string& uri, const std::string& object,
              const PinSource& source) {
  SG_TRY(const WantedPin wanted, token_wants_pin(uri, login));
  if (wanted == WantedPin::no) return {};
  const bool asks = source.file.empty() && source.fd < 0;
  SG_CHECK(asks ? ask_at_terminal(login, object, wanted) : read_pin(login, source));
  SecretBytes& pin = login.pin;  // its file may be a program's of Windows
  if (!pin.empty() && pin.bytes().back() == std::byte{'\r'}) pin.shrink(pin.size() - 1);
  return check_pin(pin);
}

Result<SigningKey> open_key(const Pkcs11Uri& parsed, const PinSource& source) {
  SG_TRY(const std::string uri, uri_for_token(parsed));
  const auto login = std::make_shared<TokenLogin>();
  login->environment = own_environment();
  SG_CHECK(log_in(*login, uri, parsed.object, source));
  SG_TRY(Pkey half, token_signer_half(uri, login.get()));
  return SigningKey::elsewhere(std::move(half), [uri, login](std::span<const std::byte> digest) {
    return token_sign(uri, digest, login.get());
  });
}

}  // namespace

Result<std::unique_ptr<Signer>> make_token_signer(const std::string& text,
                                                  const PinSource& source) {
  SG_TRY(const Pkcs11Uri uri, parse_pkcs11_uri(text));
  const bool elsewhere = !source.file.empty() || source.fd >= 0;
  auto key = open_key(uri, elsewhere ? source : PinSource{uri.pin_source});
  if (!key) return tl::unexpected(std::move(key).error().prepend(uri.object));
  return make_key_signer(*std::move(key));
}

}  // namespace sifguard
