// The head of an audit log: the place in the chain of its last record. Root on nodes.
#include "keystore/audit/head.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "keystore/audit/log_file.h"
#include "keystore/base/atomic_file.h"
#include "keystore/base/open_error.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "sifguard-audit-head 1 ";
constexpr std::size_t kSeqDigits = 20;
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kCheckDigits = 16;
constexpr std::size_t kSize = kMagic.size() + kSeqDigits + 1 + kHashDigits + 1 + kCheckDigits + 1;

Result<std::string> check_of(std::string_view text) {
  SG_TRY(const std::string hash, chain_hash(text));
  return hash.substr(0, kCheckDigits);
}

Result<std::string> read_start(int fd, const std::string& shown) {
  std::array<char, kSize> text{};
  ssize_t got = 0;
  do {
    got = ::pread(fd, text.data(), text.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return fail_errno(Code::internal, "cannot read " + shown, errno);
  return std::string(text.data(), static_cast<std::size_t>(got));
}

}  // namespace

Result<std::string> format_head(const ChainPoint& point) {
  const std::string seq = std::to_string(point.seq);
  std::string text(kMagic);
  text.append(kSeqDigits - seq.size(), '0').append(seq).append(" ").append(point.hash) += ' ';
  SG_TRY(const std::string check, check_of(text));
  return text + check + "\n";
}

std::optional<ChainPoint> parse_head(std::string_view text) {
  if (text.size() != kSize || !text.starts_with(kMagic)) return std::nullopt;
  const std::string_view number = text.substr(kMagic.size(), kSeqDigits);
  ChainPoint point;
  const auto [stop, problem] =
      std::from_chars(number.data(), number.data() + number.size(), point.seq);
  if (problem != std::errc{} || stop != number.data() + number.size()) return std::nullopt;
  point.hash = text.substr(kMagic.size() + kSeqDigits + 1, kHashDigits);
  const auto again = format_head(point);
  if (!again || *again != text) return std::nullopt;
  return point;
}

std::string head_name(const std::string& log_name) {
  return "." + log_name + ".head";
}

Result<std::optional<ChainPoint>> read_head(const std::string& path) {
  const std::size_t slash = path.rfind('/') + 1;  // npos + 1 is 0
  const std::string head = path.substr(0, slash) + head_name(path.substr(slash));
  const UniqueFd fd(::open(head.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return std::nullopt;
  if (!fd.valid()) return fail_open(Code::no_input, head, errno);
  SG_TRY(const std::string text, read_start(fd.get(), head));
  auto point = parse_head(text);
  if (!point) return fail(Code::refused, head + " is malformed: the log's head is not known");
  return point;
}

Result<HeadFile> HeadFile::open(int directory, const std::string& log_name,
                                const std::string& shown, Trust trust) {
  SG_TRY(UniqueFd fd, open_log_file(directory, head_name(log_name), shown, O_RDWR, trust));
  return HeadFile(std::move(fd), shown);
}

Result<std::optional<ChainPoint>> HeadFile::read() const {
  SG_TRY(const std::string text, read_start(fd_.get(), shown_));
  return parse_head(text);
}

Status HeadFile::write(const ChainPoint& point) const {
  SG_TRY(const std::string text, format_head(point));
  ssize_t done = 0;
  do {
    done = ::pwrite(fd_.get(), text.data(), text.size(), 0);
  } while (done < 0 && errno == EINTR);
  if (done != static_cast<ssize_t>(text.size())) {
    return fail_errno(Code::temporary, "cannot write " + shown_, done < 0 ? errno : ENOSPC);
  }
  if (::fdatasync(fd_.get()) != 0) {
    return fail_errno(Code::temporary, "cannot make durable " + shown_, errno);
  }
  return {};
}

}  // namespace sifguard
