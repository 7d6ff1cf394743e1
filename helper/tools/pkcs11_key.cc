// A private key in a PKCS#11 token. The user's rights.
//
// The one place that uses OpenSSL's deprecated ENGINE interface: Debian 12 has nothing else that
// reaches PKCS#11.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "helper/tools/pkcs11_key.h"

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr const char* kModuleVariable = "PKCS11_MODULE_PATH";
constexpr const char* kProviderModuleVariable = "PKCS11_PROVIDER_MODULE";

/// Answers OpenSSL's question for a PIN.
class PinReader {
 public:
  explicit PinReader(const AskPin& ask) : ask_(ask), method_(UI_create_method("PIN")) {
    if (method_) UI_method_set_reader(method_.get(), answer);
  }
  [[nodiscard]] UI_METHOD* method() const noexcept { return method_.get(); }
  /// What went wrong while asking.
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  static int answer(UI* ui, UI_STRING* question) {
    auto* const self = static_cast<PinReader*>(UI_get0_user_data(ui));
    if (self == nullptr || UI_get_string_type(question) != UIT_PROMPT) return 1;
    if (self->asked_) return 0;  // the first was wrong: a second could lock the token
    self->asked_ = true;
    const auto pin = self->ask_();
    if (!pin) {
      self->error_ = pin.error();
      return 0;
    }
    const auto text = reinterpret_cast<const char*>(pin->bytes().data());
    return UI_set_result_ex(ui, question, text, static_cast<int>(pin->size())) == 0 ? 1 : 0;
  }

  const AskPin& ask_;
  Owned<UI_METHOD, UI_destroy_method> method_;
  std::optional<Error> error_;
  bool asked_ = false;
};

std::string module_of(const Pkcs11Uri& uri) {
  if (!uri.module.empty()) return uri.module;
  const char* const given = std::getenv(kModuleVariable);
  return given != nullptr ? given : "";
}

tl::unexpected<Error> no_key(const PinReader& pin) {
  if (pin.error()) return tl::unexpected(*pin.error());
  return fail_openssl(Code::refused, "no token has such a key, or it does not take the PIN",
                      "see what it has: pkcs11-tool --module MODULE --list-objects --login");
}

Result<Pkey> from_store(const Pkcs11Uri& uri, PinReader& pin) {
  using Store = Owned<OSSL_STORE_CTX, OSSL_STORE_close>;
  using Info = Owned<OSSL_STORE_INFO, OSSL_STORE_INFO_free>;
  const Store store(OSSL_STORE_open(uri.object.c_str(), pin.method(), &pin, nullptr, nullptr));
  if (!store || OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY) != 1) return no_key(pin);
  Pkey found;
  while (OSSL_STORE_eof(store.get()) != 1) {
    const Info info(OSSL_STORE_load(store.get()));
    if (!info || OSSL_STORE_INFO_get_type(info.get()) != OSSL_STORE_INFO_PKEY) continue;
    if (found) {
      return fail(Code::refused, "the token has more than one key of that description",
                  "name it more exactly: token=…;object=…;id=…");
    }
    found.reset(OSSL_STORE_INFO_get1_PKEY(info.get()));
  }
  if (!found) return no_key(pin);
  return found;
}

#ifndef OPENSSL_NO_ENGINE
using Engine = Owned<ENGINE, ENGINE_free>;

Result<Pkey> from_engine(const Pkcs11Uri& uri, PinReader& pin) {
  ENGINE_load_dynamic();
  const Engine engine(ENGINE_by_id("pkcs11"));
  if (!engine) {
    return fail_openssl(Code::unavailable, "OpenSSL has no way to PKCS#11 tokens",
                        "install pkcs11-provider or libengine-pkcs11-openssl");
  }
  ENGINE_ctrl_cmd(engine.get(), "QUIET", 0, nullptr, nullptr, 0);  // it writes to stderr
  const std::string module = module_of(uri);
  if (!module.empty() &&
      ENGINE_ctrl_cmd_string(engine.get(), "MODULE_PATH", module.c_str(), 0) != 1) {
    return fail_openssl(Code::unavailable, "cannot use the PKCS#11 module " + module);
  }
  if (ENGINE_init(engine.get()) != 1) {
    return fail_openssl(Code::unavailable, "cannot use the PKCS#11 module " +
                                               (module.empty() ? "of p11-kit" : module));
  }
  Pkey key(ENGINE_load_private_key(engine.get(), uri.object.c_str(), pin.method(), &pin));
  ENGINE_finish(engine.get());  // the key keeps it
  if (!key) return no_key(pin);
  return key;
}
#else
Result<Pkey> from_engine(const Pkcs11Uri&, PinReader&) {
  return fail(Code::unavailable, "OpenSSL has no way to PKCS#11 tokens", "install pkcs11-provider");
}
#endif

}  // namespace

Result<Pkey> open_pkcs11_key(const Pkcs11Uri& uri, const AskPin& ask_pin) {
  PinReader pin(ask_pin);
  if (pin.method() == nullptr) return fail_openssl(Code::temporary, "cannot use OpenSSL's UI");
  const std::string module = module_of(uri);
  if (!module.empty()) {
    if (::access(module.c_str(), R_OK) != 0) {
      return fail_errno(Code::unavailable, "cannot use the PKCS#11 module " + module, errno);
    }
    ::setenv(kProviderModuleVariable, module.c_str(), 1);
  }
  // Never unloaded: the key needs it to the end.
  const OSSL_PROVIDER* const provider = OSSL_PROVIDER_try_load(nullptr, "pkcs11", 1);
  ERR_clear_error();
  return provider != nullptr ? from_store(uri, pin) : from_engine(uri, pin);
}

}  // namespace sifguard
