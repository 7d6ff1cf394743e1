// Taking a clearsigned OpenPGP message apart. Runs in the sandboxed verifier.
#include "helper/verify/sandbox/pgp_frame.h"

#include <array>
#include <cstddef>
#include <vector>

#include "keystore/base/base64.h"
#include "keystore/base/contains.h"

namespace sifguard {
namespace {

constexpr std::string_view kBeginMessage = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view kBeginSignature = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view kEndSignature = "-----END PGP SIGNATURE-----";
constexpr std::size_t kMaxArmorLine = 76;  // RFC 4880 6.3
constexpr std::size_t kMaxTextLines = 16;  // statements have one or two

constexpr std::array<std::string_view, 7> kHashNames = {"MD5",    "SHA1",   "RIPEMD160", "SHA224",
                                                        "SHA256", "SHA384", "SHA512"};

/// Hands out lines, their LF or CRLF removed, and counts them for messages.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  Result<std::string_view> next() {
    if (at_end()) return complain("the message ends too early");
    ++number_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
      return complain("a stray carriage return or NUL");
    }
    return line;
  }
  [[nodiscard]] tl::unexpected<Error> complain(const std::string& what) const {
    return fail(Code::refused,
                "clearsigned message, line " + std::to_string(number_) + ": " + what);
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

bool is_hash_header(std::string_view line) {
  constexpr std::string_view kPrefix = "Hash: ";
  if (!line.starts_with(kPrefix)) return false;
  line.remove_prefix(kPrefix.size());
  for (;;) {
    const std::size_t comma = line.find(',');
    const std::string_view name = line.substr(0, comma);
    if (!contains(kHashNames, name)) return false;
    if (comma == std::string_view::npos) return true;
    line.remove_prefix(comma + 1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
}

Status read_headers(Lines& lines) {
  SG_TRY(const std::string_view first, lines.next());
  if (first != kBeginMessage) return lines.complain("not the start of a signed message");
  for (;;) {
    SG_TRY(const std::string_view line, lines.next());
    if (line.empty()) return {};
    if (!is_hash_header(line)) return lines.complain("an armor header other than Hash");
  }
}

Result<std::vector<std::string_view>> read_text(Lines& lines) {
  std::vector<std::string_view> text;
  for (;;) {
    SG_TRY(std::string_view line, lines.next());
    if (line == kBeginSignature) return text;
    if (line.starts_with('-')) {
      if (!line.starts_with("- ")) return lines.complain("a dash that is not escaped");
      line.remove_prefix(2);
    }
    const std::size_t last = line.find_last_not_of(" \t");  // trailing blanks are not signed
    if (text.size() == kMaxTextLines) return lines.complain("the signed text has too many lines");
    text.push_back(line.substr(0, last == std::string_view::npos ? 0 : last + 1));
  }
}

/// One line of it; the last may be padded.
bool is_base64(std::string_view line) {
  return !line.empty() && line.size() <= kMaxArmorLine && from_base64(line);
}

bool is_checksum(std::string_view line) {
  return line.size() == 5 && line.front() == '=' && line.substr(1).find('=') == line.npos &&
         is_base64(line.substr(1));
}

/// The block without its headers ("Version:", "Comment:"), which may hold anything.
Result<std::string> read_signature(Lines& lines) {
  for (;;) {
    SG_TRY(const std::string_view line, lines.next());
    if (line.empty()) break;
    if (line.find(": ") == std::string_view::npos || line.starts_with('-')) {
      return lines.complain("no empty line before the signature");
    }
  }
  std::string block = std::string(kBeginSignature) + "\n\n";
  bool last_seen = false;  // after padding or a checksum only the end may follow
  bool checksum_seen = false;
  bool any = false;
  for (;;) {
    SG_TRY(const std::string_view line, lines.next());
    if (line == kEndSignature) break;
    if (any && !checksum_seen && is_checksum(line)) {
      checksum_seen = last_seen = true;
    } else if (!last_seen && is_base64(line)) {
      any = true;
      last_seen = line.ends_with('=');
    } else {
      return lines.complain("not base64");
    }
    block.append(line).append("\n");
  }
  if (!any) return lines.complain("the signature is empty");
  if (!lines.at_end()) return lines.complain("something follows the signature");
  return block.append(kEndSignature).append("\n");
}

std::string join(const std::vector<std::string_view>& lines, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += separator;
    text += lines[i];
  }
  return text;
}

}  // namespace

bool is_clearsigned(std::string_view data) noexcept {
  return data.starts_with(kBeginMessage);
}

Result<ClearsignedMessage> parse_clearsigned(std::string_view data) {
  Lines lines(data);
  SG_CHECK(read_headers(lines));
  SG_TRY(const auto text, read_text(lines));
  if (text.empty()) return lines.complain("the signed text is empty");
  ClearsignedMessage message;
  SG_TRY(message.signature, read_signature(lines));
  message.statement = join(text, "\n");
  message.signed_text = join(text, "\r\n");
  return message;
}

}  // namespace sifguard
