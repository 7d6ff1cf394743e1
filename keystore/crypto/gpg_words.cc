// What gpg itself said while GPGME ran it. Pure.
#include "keystore/crypto/gpg_words.h"

#include <gpgme.h>

#include <array>
#include <charconv>

#include "keystore/base/contains.h"
#include "keystore/base/lack.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::array<std::string_view, 5> kOfAKey = {"GOODSIG", "BADSIG", "EXPSIG", "EXPKEYSIG",
                                                     "REVKEYSIG"};
constexpr std::array<std::string_view, 3> kOfNoKey = {"ERRSIG", "NODATA", "UNEXPECTED"};

template <typename Words>
bool is_one_of(const Words& words, std::string_view word) {
  return contains(words, word);
}

/// An error as gpg writes it: a number whose upper bits name the part that it is of.
bool is_lack(std::string_view number) {
  unsigned value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  return parsed.ec == std::errc{} && parsed.ptr == number.data() + number.size() &&
         tells_of_lack(gpgme_err_code_to_errno(gpgme_err_code(value)));
}

}  // namespace

void GpgWords::add(std::string_view keyword, std::string_view arguments) {
  had_key_ = had_key_ || is_one_of(kOfAKey, keyword);
  judged_ = judged_ || is_one_of(kOfAKey, keyword) || is_one_of(kOfNoKey, keyword);
  counted_keys_ = counted_keys_ || keyword == "IMPORT_RES" || keyword == "NODATA";
  const auto fields = split(arguments, ' ');
  // "FAILURE verify 33587286", "ERRSIG KEYID PK HASH CLASS TIME RC [FINGERPRINT]".
  const std::size_t at = keyword == "ERRSIG" ? 5 : 1;
  const bool tells = keyword == "ERRSIG" || keyword == "FAILURE" || keyword == "ERROR";
  lacked_ = lacked_ || (tells && fields.size() > at && is_lack(fields[at]));
}

}  // namespace sifguard
