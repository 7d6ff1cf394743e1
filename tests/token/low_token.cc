// A PKCS#11 library for tests: that of LOW_TOKEN_LIBRARY, whose tokens say of their PIN's tries
// what LOW_TOKEN_FLAGS wants (CK_TOKEN_INFO's flags, a number), and which adds a line to
// LOW_TOKEN_LOG for each PIN that is tried. Loaded into sifguard-token, with the rights of whoever
// asks.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <cstdio>
#include <cstdlib>

namespace {

constexpr CK_FLAGS kOfTries = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

const char* wish(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

CK_FUNCTION_LIST*& real() {
  static CK_FUNCTION_LIST* list = nullptr;
  return list;
}

CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  const CK_RV value = real()->C_GetTokenInfo(slot, info);
  if (value != CKR_OK) return value;
  info->flags = (info->flags & ~kOfTries) | std::strtoul(wish("LOW_TOKEN_FLAGS"), nullptr, 0);
  return CKR_OK;
}

CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin, CK_ULONG size) {
  if (std::FILE* const log = std::fopen(wish("LOW_TOKEN_LOG"), "ae")) {
    std::fputs("tried\n", log);
    std::fclose(log);
  }
  return real()->C_Login(session, user, pin, size);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  static CK_FUNCTION_LIST ours;
  void* const library = ::dlopen(wish("LOW_TOKEN_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
  void* const found = library != nullptr ? ::dlsym(library, "C_GetFunctionList") : nullptr;
  if (found == nullptr) return CKR_GENERAL_ERROR;
  const CK_RV value = reinterpret_cast<CK_C_GetFunctionList>(found)(&real());
  if (value != CKR_OK) return value;
  ours = *real();
  ours.C_GetTokenInfo = token_info;
  ours.C_Login = log_in;
  *list = &ours;
  return CKR_OK;
}
