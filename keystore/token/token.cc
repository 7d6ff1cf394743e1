// Finding a private key in a PKCS#11 token, and decryption with it. Runs in sifguard-token.
#include "keystore/token/token.h"

#include <algorithm>
#include <cstring>

#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"
#include "keystore/token/oaep_padding.h"
#include "keystore/token/pin.h"
#include "keystore/token/turn.h"

namespace sifguard {
namespace {

using Uri = Owned<P11KitUri, p11_kit_uri_free>;

/// Blank-padded, as all text of a token.
template <std::size_t size>
std::string text_of(const CK_UTF8CHAR (&field)[size]) {
  std::string text(reinterpret_cast<const char*>(field), size);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// As two tokens of one label are told apart.
std::string shown(const CK_TOKEN_INFO& info) {
  return "'" + text_of(info.label) + "' with serial number " + text_of(info.serialNumber);
}

Result<Uri> parse(const std::string& text) {
  Uri uri(p11_kit_uri_new());
  const int parsed = uri ? p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get())
                         : P11_KIT_URI_UNEXPECTED;
  if (parsed != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(uri.get()) != 0) {
    return fail(Code::usage, "not a PKCS#11 URI (RFC 7512): '" + printable(text, 300) + "'");
  }
  return uri;
}

bool is_library(P11KitUri* uri, CK_FUNCTION_LIST* module) {
  CK_INFO library{};
  return module->C_GetInfo(&library) == CKR_OK && p11_kit_uri_match_module_info(uri, &library) == 1;
}

/// All that a URI may say of where a key is: what it names and nothing looked at would be
/// another's.
bool is_token(P11KitUri* uri, CK_FUNCTION_LIST* module, CK_SLOT_ID slot, CK_TOKEN_INFO& token) {
  constexpr auto kAnySlot = static_cast<CK_SLOT_ID>(-1);
  const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);
  if (wanted != kAnySlot && wanted != slot) return false;
  CK_SLOT_INFO place{};
  return module->C_GetSlotInfo(slot, &place) == CKR_OK &&
         p11_kit_uri_match_slot_info(uri, &place) == 1 &&
         module->C_GetTokenInfo(slot, &token) == CKR_OK &&
         (token.flags & CKF_TOKEN_INITIALIZED) != 0 &&
         p11_kit_uri_match_token_info(uri, &token) == 1;
}

}  // namespace

tl::unexpected<Error> fail_token(const std::string& what, CK_RV value, std::string remedy) {
  const char* const why = p11_kit_strerror(value);
  return fail(Code::unavailable, what + (why != nullptr ? std::string(": ") + why : ""),
              std::move(remedy));
}

/// The modules loaded; finalized and unloaded by p11-kit.
struct Token::Library {
  CK_FUNCTION_LIST* one = nullptr;
  CK_FUNCTION_LIST** all = nullptr;
};

void Token::LibraryDeleter::operator()(Library* library) const noexcept {
  if (library->all != nullptr) p11_kit_modules_finalize_and_release(library->all);
  if (library->one != nullptr) {
    p11_kit_module_finalize(library->one);
    p11_kit_module_release(library->one);
  }
  delete library;
}

Status Token::load(P11KitUri* uri) {
  library_.reset(new Library);
  if (const char* const path = p11_kit_uri_get_module_path(uri)) {
    library_->one = p11_kit_module_load(path, 0);
    if (library_->one == nullptr || p11_kit_module_initialize(library_->one) != CKR_OK) {
      return fail(Code::unavailable, std::string("cannot load the PKCS#11 library ") + path);
    }
    return {};
  }
  library_->all = p11_kit_modules_load_and_initialize(0);
  if (library_->all == nullptr) {
    const char* const why = p11_kit_message();
    return fail(Code::unavailable, std::string("cannot load the PKCS#11 libraries: ") +
                                       (why != nullptr ? why : "unknown reason"));
  }
  return {};
}

Status Token::find_slot(P11KitUri* uri) {
  std::vector<CK_FUNCTION_LIST*> modules;
  if (library_->one != nullptr) modules.push_back(library_->one);
  for (CK_FUNCTION_LIST** each = library_->all; each != nullptr && *each != nullptr; ++each) {
    modules.push_back(*each);
  }
  for (CK_FUNCTION_LIST* const module : modules) {
    CK_ULONG count = 0;
    if (!is_library(uri, module)) continue;
    if (module->C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK) continue;
    std::vector<CK_SLOT_ID> slots(count);
    if (module->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) continue;
    slots.resize(std::min<std::size_t>(slots.size(), count));
    for (const CK_SLOT_ID slot : slots) {
      CK_TOKEN_INFO info{};
      if (!is_token(uri, module, slot, info)) continue;
      if (module_ != nullptr) {
        CK_TOKEN_INFO first{};
        module_->C_GetTokenInfo(slot_, &first);
        return fail(Code::absent,
                    "the URI fits more than one token: " + shown(first) + " and " + shown(info),
                    "name the token: serial=…, or token=…");
      }
      module_ = module;
      slot_ = slot;
      wants_login_ = (info.flags & CKF_LOGIN_REQUIRED) != 0;
    }
  }
  if (module_ == nullptr) return fail(Code::unavailable, "no token fits the URI");
  return {};
}

Status Token::log_in() {
  if (!wants_login_) return {};
  if (given_ == nullptr && pin_source_.empty()) {
    return fail(Code::usage, "the token wants a PIN",
                "name its file in the URI: ?pin-source=file:/etc/sifguard/pin");
  }
  return log_in_as(CKU_USER, "cannot log in to the token");
}

Result<CK_TOKEN_INFO> Token::token_info(const std::string& what) const {
  CK_TOKEN_INFO info{};
  const CK_RV told = module_->C_GetTokenInfo(slot_, &info);
  if (told != CKR_OK) return fail_token(what, told);
  return info;
}

Status Token::log_in_as(CK_USER_TYPE user, const std::string& what) const {
  SG_TRY(CK_TOKEN_INFO info, token_info(what));
  const UniqueFd turn = wait_for_turn(info);
  SG_TRY(info, token_info(what));  // which says what became of those before
  SG_TRY(PinTry attempt,
         given_ != nullptr ? PinTry::begin(*given_, info) : PinTry::begin(pin_source_, info));
  const SecretBytes& pin = attempt.pin();
  // Cryptoki takes CK_BYTE* for historical reasons and does not write through it.
  auto* const digits = const_cast<unsigned char*>(octets(pin.bytes()));  // NOLINT(*-const-cast)
  return attempt.end(module_->C_Login(session_, user, digits, static_cast<CK_ULONG>(pin.size())),
                     what);
}

Result<std::vector<CK_OBJECT_HANDLE>> Token::find_objects(std::vector<CK_ATTRIBUTE> wanted) const {
  CK_RV value =
      module_->C_FindObjectsInit(session_, wanted.data(), static_cast<CK_ULONG>(wanted.size()));
  if (value != CKR_OK) return fail_token("cannot search the token", value);
  std::vector<CK_OBJECT_HANDLE> found(2);  // a second one is enough to know that it is not clear
  CK_ULONG number = 0;
  value =
      module_->C_FindObjects(session_, found.data(), static_cast<CK_ULONG>(found.size()), &number);
  module_->C_FindObjectsFinal(session_);
  if (value != CKR_OK) return fail_token("cannot search the token", value);
  found.resize(std::min<std::size_t>(found.size(), number));
  return found;
}

Status Token::find_key(P11KitUri* uri, TokenUse use) {
  CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
  CK_KEY_TYPE type = CKK_RSA;
  std::vector<CK_ATTRIBUTE> wanted = {{CKA_CLASS, &object_class, sizeof object_class}};
  if (use == TokenUse::decrypt) wanted.push_back({CKA_KEY_TYPE, &type, sizeof type});
  CK_ULONG count = 0;
  const CK_ATTRIBUTE* const named = p11_kit_uri_get_attributes(uri, &count);
  for (CK_ULONG i = 0; i < count; ++i) {
    if (named[i].type != CKA_CLASS) wanted.push_back(named[i]);
  }
  SG_TRY(const auto found, find_objects(std::move(wanted)));
  const std::string kind = use == TokenUse::decrypt ? "RSA private key" : "private key";
  if (found.empty()) return fail(Code::absent, "the token has no such " + kind);
  if (found.size() > 1) {
    return fail(Code::absent, "the URI fits more than one " + kind + " of the token",
                "name it: object=… or id=…");
  }
  key_ = found[0];
  return learn_type();
}

Status Token::learn_type() {
  SG_TRY(const auto bytes, attribute(CKA_KEY_TYPE, "type"));
  if (bytes.size() != sizeof type_) return fail(Code::unavailable, "the key has no type");
  std::memcpy(&type_, bytes.data(), sizeof type_);
  if (type_ == CKK_RSA || type_ == CKK_EC) return {};
  return fail(Code::refused, "the token's key is neither RSA nor EC",
              "make one with pkcs11-tool --keypairgen --key-type EC:secp384r1");
}

Result<Token> Token::find(P11KitUri* uri) {
  Token token;
  if (const char* const source = p11_kit_uri_get_pin_source(uri)) token.pin_source_ = source;
  SG_CHECK(token.load(uri));
  SG_CHECK(token.find_slot(uri));
  return token;
}

Result<Token> Token::open(const std::string& text, TokenUse use, const GivenPin* given) {
  SG_TRY(const Uri uri, parse(text));
  SG_TRY(Token token, find(uri.get()));
  token.given_ = given;
  const CK_RV value = token.module_->C_OpenSession(token.slot_, CKF_SERIAL_SESSION, nullptr,
                                                   nullptr, &token.session_);
  if (value != CKR_OK) return fail_token("cannot open a session with the token", value);
  SG_CHECK(token.log_in());
  SG_CHECK(token.find_key(uri.get(), use));
  return token;
}

Result<std::string> Token::wanted_pin(const std::string& text) {
  SG_TRY(const Uri uri, parse(text));
  SG_TRY(const Token token, find(uri.get()));
  if (!token.wants_login_) return std::string("no");
  SG_TRY(const CK_TOKEN_INFO info, token.token_info("the token tells nothing of its PIN"));
  SG_CHECK(check_tries(info));
  return std::string(is_warned(info) ? "few" : "yes");
}

Result<std::vector<std::byte>> Token::attribute(CK_ATTRIBUTE_TYPE type, const char* what) const {
  return attribute_of(key_, type, what);
}

Result<std::vector<std::byte>> Token::attribute_of(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                                                   const char* what) const {
  CK_ATTRIBUTE asked = {type, nullptr, 0};
  CK_RV value = module_->C_GetAttributeValue(session_, object, &asked, 1);
  constexpr CK_ULONG kMost = 4096;
  if (value != CKR_OK || asked.ulValueLen > kMost) {
    return fail_token(std::string("the token does not tell the key's ") + what, value);
  }
  std::vector<std::byte> bytes(asked.ulValueLen);
  asked.pValue = bytes.data();
  value = module_->C_GetAttributeValue(session_, object, &asked, 1);
  if (value != CKR_OK) {
    return fail_token(std::string("the token does not tell the key's ") + what, value);
  }
  bytes.resize(std::min<std::size_t>(bytes.size(), asked.ulValueLen));
  return bytes;
}

Status Token::begin(CK_MECHANISM* mechanism, CK_RV& refused) const {
  refused = module_->C_DecryptInit(session_, mechanism, key_);
  if (refused != CKR_OK) return fail_token("the token does not decrypt", refused);
  return log_in_for_use();
}

/// For keys that want the PIN again each time.
Status Token::log_in_for_use() const {
  const auto again = attribute(CKA_ALWAYS_AUTHENTICATE, "authentication");
  if (!again || again->size() != 1 || again->front() == std::byte{0}) return {};
  return log_in_as(CKU_CONTEXT_SPECIFIC, "cannot log in to the token for this key");
}

Result<SecretBytes> Token::finish(std::span<const std::byte> cipher) const {
  SG_TRY(SecretBytes plain, SecretBytes::allocate(cipher.size()));
  // Cryptoki takes CK_BYTE* for historical reasons and does not write through it.
  auto* const input = const_cast<unsigned char*>(octets(cipher));  // NOLINT(*-const-cast)
  auto size = static_cast<CK_ULONG>(plain.size());
  const CK_RV value = module_->C_Decrypt(session_, input, static_cast<CK_ULONG>(cipher.size()),
                                         writable_octets(plain.bytes()), &size);
  if (value == CKR_ENCRYPTED_DATA_INVALID || value == CKR_ENCRYPTED_DATA_LEN_RANGE ||
      value == CKR_DATA_INVALID || value == CKR_DATA_LEN_RANGE) {
    return fail(Code::refused, "cannot decrypt with this key");
  }
  if (value != CKR_OK) return fail_token("the token does not decrypt", value);
  plain.shrink(static_cast<std::size_t>(size));
  return plain;
}

/// RFC 8017 7.1.2 step 1: a number below the modulus, which tokens do not all tell from trouble.
Status Token::check_range(std::span<const std::byte> cipher) const {
  SG_TRY(const auto modulus, attribute(CKA_MODULUS, "modulus"));
  const auto leading = std::find_if(modulus.begin(), modulus.end(),
                                    [](std::byte value) { return value != std::byte{0}; });
  const auto size = static_cast<std::size_t>(modulus.end() - leading);
  if (cipher.size() == size &&
      std::lexicographical_compare(cipher.begin(), cipher.end(), leading, modulus.end())) {
    return {};
  }
  return fail(Code::refused, "cannot decrypt with this key");
}

Result<SecretBytes> Token::decrypt_oaep(std::span<const std::byte> cipher,
                                        std::span<const std::byte> label) const {
  SG_CHECK(check_range(cipher));
  CK_RSA_PKCS_OAEP_PARAMS parameters{};
  parameters.hashAlg = CKM_SHA256;
  parameters.mgf = CKG_MGF1_SHA256;
  parameters.source = CKZ_DATA_SPECIFIED;
  std::vector<std::byte> copy(label.begin(), label.end());  // PKCS#11 knows no const
  parameters.pSourceData = copy.empty() ? nullptr : copy.data();
  parameters.ulSourceDataLen = copy.size();
  CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
  CK_RV refused = CKR_OK;
  auto begun = begin(&oaep, refused);
  if (begun) return finish(cipher);
  if (refused != CKR_MECHANISM_INVALID && refused != CKR_MECHANISM_PARAM_INVALID &&
      refused != CKR_ARGUMENTS_BAD) {
    return tl::unexpected(std::move(begun).error());
  }
  CK_MECHANISM bare = {CKM_RSA_X_509, nullptr, 0};
  SG_CHECK(begin(&bare, refused));
  SG_TRY(const SecretBytes block, finish(cipher));
  if (block.size() == cipher.size()) return remove_oaep_padding(block, label);
  return fail(Code::unavailable, "the token gives bare RSA results in another form");
}

}  // namespace sifguard
