// Reading the two spellings of a subject name. Any privilege; pure.
#include <algorithm>

#include "keystore/base/ascii.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/policy/subject_name.h"

namespace sifguard {
namespace {

constexpr std::string_view kAdvice =
    "write it as CN=carol,O=Example (openssl x509 -nameopt RFC2253) or /O=Example/CN=carol";

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// The text of one DER string of at most 255 bytes.
std::optional<std::string> text_of_der(std::string_view der) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(der[i]); };
  if (der.size() < 2) return std::nullopt;
  const bool is_long = octet(1) == 0x81 && der.size() > 2 && octet(2) >= 0x80;
  const std::size_t header = is_long ? 3 : 2;
  if (!is_long && octet(1) >= 0x80) return std::nullopt;
  if (der.size() - header != octet(header - 1)) return std::nullopt;
  return text_of_asn1(octet(0), der.substr(header));
}

/// Walks the text once; both spellings share types, bounds and messages.
class SubjectReader {
 public:
  explicit SubjectReader(std::string_view text) : text_(text) {}

  Result<SubjectName> slashes() {
    SubjectName name;
    while (!at_end()) {
      ++at_;  // the slash
      RelativeName part;
      do {
        SG_CHECK(add(part, [this] { return slash_value(); }));
      } while (skip('+'));
      name.push_back(std::move(part));
    }
    return name;
  }

  Result<SubjectName> commas() {
    SubjectName name;
    do {
      RelativeName part;
      do {
        while (skip(' ')) {
        }
        SG_CHECK(add(part, [this] { return comma_value(); }));
      } while (skip('+'));
      name.push_back(std::move(part));
    } while (skip(','));
    std::reverse(name.begin(), name.end());
    return name;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  bool skip(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] tl::unexpected<Error> complain(const std::string& what) const {
    return fail(Code::usage,
                "subject name '" + printable(text_, 128) + "', character " +
                    std::to_string(at_ + 1) + ": " + what,
                std::string(kAdvice));
  }

  template <typename ReadValue>
  Status add(RelativeName& part, ReadValue read_value) {
    if (++attributes_ > kMaxSubjectAttributes) return complain("too many attributes");
    NameAttribute attribute;
    SG_TRY(attribute.type, type());
    SG_TRY(attribute.value, read_value());
    if (!is_utf8(attribute.value)) return complain("not UTF-8, or with a NUL");
    part.push_back(std::move(attribute));
    return {};
  }

  Result<std::string> type() {
    const std::size_t equals = text_.find('=', at_);
    const std::string_view word = text_.substr(at_, equals - at_);
    if (equals == std::string_view::npos) return complain("an attribute without '='");
    if (word.ends_with(' ')) return complain("a blank before '='");
    const auto known = attribute_type(word);
    if (!known) {
      return complain("unknown attribute '" + printable(word, 64) + "'; give its OID instead");
    }
    at_ = equals + 1;
    return *known;
  }

  /// As `openssl req -subj`: a backslash takes the next character as it is.
  Result<std::string> slash_value() {
    std::string value;
    for (; !at_end() && text_[at_] != '/' && text_[at_] != '+'; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
        if (at_end() || is_alphanumeric(text_[at_])) return complain("nothing to escape");
      }
      value += text_[at_];
    }
    return value;
  }

  Result<std::string> comma_value() {
    if (skip('#')) return encoded_value();
    if (!at_end() && text_[at_] == ' ') return complain("a blank after '='");
    std::string value;
    bool open_blank = false;  // an unescaped blank that would be the last character
    for (; !at_end() && text_[at_] != ',' && text_[at_] != '+'; ++at_) {
      const char c = text_[at_];
      open_blank = c == ' ';
      if (c == '\\') {
        SG_TRY(const char meant, escape());
        value += meant;
      } else if (std::string_view("\"<>;").find(c) != std::string_view::npos) {
        return complain(std::string("a bare '") + c + "'; write \\" + c);
      } else {
        value += c;
      }
    }
    if (open_blank) return complain("a blank at the end of a value; write '\\ '");
    return value;
  }

  /// At a backslash; leaves the last character that belongs to it.
  Result<char> escape() {
    const std::string_view rest = text_.substr(at_ + 1);
    if (rest.empty()) return complain("nothing to escape");
    if (std::string_view(",+\"\\<>;=# ").find(rest[0]) != std::string_view::npos) {
      at_ += 1;
      return rest[0];
    }
    if (const auto byte = from_hex(rest.substr(0, 2)); byte && byte->size() == 1) {
      at_ += 2;
      return static_cast<char>((*byte)[0]);
    }
    return complain("a backslash before neither a special character nor two hexadecimal digits");
  }

  /// "#" and the DER of a string, in hexadecimal.
  Result<std::string> encoded_value() {
    const std::size_t start = at_;
    while (!at_end() && is_hex_digit(text_[at_])) ++at_;
    const auto der = from_hex(text_.substr(start, at_ - start));
    if (!der || (!at_end() && text_[at_] != ',' && text_[at_] != '+')) {
      return complain("'#' without hexadecimal digits; write \\# for the character");
    }
    const auto text = text_of_der(as_text(*der));
    if (!text) return complain("'#' before something else than the DER of a string");
    return *text;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t attributes_ = 0;
};

}  // namespace

Result<SubjectName> parse_subject(std::string_view text) {
  if (text.empty()) return fail(Code::usage, "the subject name is empty", std::string(kAdvice));
  if (text.size() > 4 * kMaxSubjectText) return fail(Code::usage, "the subject name is too long");
  SubjectReader reader(text);
  return text.front() == '/' ? reader.slashes() : reader.commas();
}

}  // namespace sifguard
