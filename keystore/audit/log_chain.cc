// The hash chain of the audit log: each line names the one before it. Pure.
#include "keystore/audit/log_chain.h"

#include <charconv>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

constexpr std::size_t kDigits = 64;
constexpr std::string_view kTorn = ",\"torn\":\"";
constexpr std::string_view kSeq = ",\"seq\":";
constexpr std::string_view kPrev = ",\"prev\":\"";
constexpr std::string_view kHash = ",\"hash\":\"";
constexpr std::size_t kHashPart = kHash.size() + kDigits + 2;  // and `"}`

bool is_digest(std::string_view text) noexcept {
  return text.size() == kDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Takes `NAME` and 64 digits off the end of `text`, before a closing quote that is gone already.
std::optional<std::string> take_digest(std::string_view& text, std::string_view name) {
  if (text.size() < name.size() + kDigits) return std::nullopt;
  const std::string_view digits = text.substr(text.size() - kDigits);
  if (!is_digest(digits) || !text.substr(0, text.size() - kDigits).ends_with(name)) {
    return std::nullopt;
  }
  text.remove_suffix(kDigits + name.size());
  return std::string(digits);
}

std::optional<std::uint64_t> take_seq(std::string_view& text) {
  const std::size_t digits = text.find_last_not_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  const std::string_view number = text.substr(digits + 1);
  std::uint64_t seq = 0;
  const auto [stop, problem] = std::from_chars(number.data(), number.data() + number.size(), seq);
  if (number.empty() || number.front() == '0' || problem != std::errc{} ||
      !text.substr(0, digits + 1).ends_with(kSeq)) {
    return std::nullopt;
  }
  text.remove_suffix(number.size() + kSeq.size());
  return seq;
}

bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

}  // namespace

Result<std::string> chain_hash(std::string_view bytes) {
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(bytes)));
  return to_hex(digest);
}

Result<LinkedLine> link_line(std::string_view body, const ChainPoint& last, std::string_view torn) {
  if (!body.starts_with('{') || !body.ends_with('}') || body.size() < 3) {
    return fail(Code::internal, "an audit record is not an object");
  }
  LinkedLine line;
  line.point.seq = last.seq + 1;
  line.text = body.substr(0, body.size() - 1);
  if (!torn.empty()) line.text.append(kTorn).append(torn) += '"';
  line.text.append(kSeq).append(std::to_string(line.point.seq));
  line.text.append(kPrev).append(last.hash) += '"';
  SG_TRY(line.point.hash, chain_hash(line.text));
  line.text.append(kHash).append(line.point.hash).append("\"}");
  return line;
}

std::optional<ChainLine> parse_chain_line(std::string_view line) {
  ChainLine parsed;
  if (!line.starts_with('{') || !take_end(line, "\"}")) return std::nullopt;
  const auto hash = take_digest(line, kHash);
  if (!hash || !take_end(line, "\"")) return std::nullopt;
  const auto prev = take_digest(line, kPrev);
  if (!prev) return std::nullopt;
  const auto seq = take_seq(line);
  if (!seq) return std::nullopt;
  parsed.point = {*seq, *hash};
  parsed.prev = *prev;
  if (take_end(line, "\"")) parsed.torn = take_digest(line, kTorn).value_or("");
  return parsed;
}

Result<bool> is_unedited(std::string_view line) {
  const auto parsed = parse_chain_line(line);
  if (!parsed) return false;
  SG_TRY(const std::string hash, chain_hash(line.substr(0, line.size() - kHashPart)));
  return hash == parsed->point.hash;
}

}  // namespace sifguard
