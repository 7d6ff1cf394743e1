// Reading an audit log: its files, the rotated ones too, and their lines. Any privilege.
#include "keystore/audit/log_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

#include "keystore/audit/log_chain.h"
#include "keystore/base/fd.h"
#include "keystore/base/lines.h"
#include "keystore/base/open_error.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

Result<UniqueFd> open_log(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return fail_open(Code::no_input, path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::no_input, path, errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::no_input, path + " is not a regular file");
  return fd;
}

/// Largest if there is none.
Result<std::uint64_t> first_seq(const std::string& path) {
  constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t seq = kNone;
  constexpr std::string_view kEnough = "enough";
  const Status read = read_log_lines(path, [&](std::string_view line, bool) -> Status {
    const auto parsed = parse_chain_line(line);
    if (!parsed) return {};
    seq = parsed->point.seq;
    return fail(Code::internal, std::string(kEnough));
  });
  if (!read && seq == kNone) return tl::unexpected(read.error());
  return seq;
}

bool is_compressed(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> kEnds = {".gz", ".xz", ".bz2", ".zst"};
  return std::any_of(kEnds.begin(), kEnds.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

Status read_log_lines(const std::string& path,
                      const std::function<Status(std::string_view line, bool whole)>& each) {
  SG_TRY(const UniqueFd fd, open_log(path));
  return read_lines(fd.get(), kMaxLogLine, path, each);
}

Result<bool> read_last_log_lines(
    const std::string& path, std::size_t bytes,
    const std::function<Status(std::string_view line, bool whole)>& each) {
  SG_TRY(const UniqueFd fd, open_log(path));
  const off_t end = ::lseek(fd.get(), 0, SEEK_END);
  const off_t start = end - static_cast<off_t>(bytes);
  // From the byte before on: what comes first is then no line, or the end of one that begins
  // earlier.
  bool skip = start > 0;
  if (end < 0 || ::lseek(fd.get(), skip ? start - 1 : 0, SEEK_SET) < 0) {
    return fail_errno(Code::no_input, "cannot read " + path, errno);
  }
  SG_CHECK(
      read_lines(fd.get(), kMaxLogLine, path, [&](std::string_view line, bool whole) -> Status {
        return std::exchange(skip, false) ? Status() : each(line, whole);
      }));
  return start <= 0;
}

Result<std::vector<std::string>> in_chain_order(std::vector<std::string> files) {
  std::vector<std::pair<std::uint64_t, std::string>> ordered;
  for (std::string& file : files) {
    SG_TRY(const std::uint64_t seq, first_seq(file));
    ordered.emplace_back(seq, std::move(file));
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  files.clear();
  for (auto& [seq, file] : ordered) files.push_back(std::move(file));
  return files;
}

Result<std::vector<std::string>> log_files(const std::string& path,
                                           std::vector<std::string>& skipped) {
  const std::size_t slash = path.rfind('/') + 1;  // npos + 1 is 0
  const std::string directory = path.substr(0, slash);
  const std::string name = path.substr(slash);
  SG_TRY(const auto names, list_names(directory.empty() ? "." : directory));
  std::vector<std::string> files;
  for (const std::string& one : names) {
    const bool rotated = one.size() > name.size() + 1 && one.starts_with(name) &&
                         (one[name.size()] == '.' || one[name.size()] == '-');
    if (one != name && !rotated) continue;
    (is_compressed(one) ? skipped : files).push_back(directory + one);
  }
  if (files.empty()) return fail(Code::no_input, "there is no audit log " + path);
  return in_chain_order(std::move(files));
}

}  // namespace sifguard
