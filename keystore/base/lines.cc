// Text read line by line, whatever its length. Any process, any privilege.
#include "keystore/base/lines.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace sifguard {

Status read_lines(int fd, std::size_t max_line, std::string_view what,
                  const std::function<Status(std::string_view line, bool whole)>& each) {
  std::string text;
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(Code::no_input, "cannot read " + std::string(what), errno);
    if (got == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', start)) {
      SG_CHECK(each(std::string_view(text).substr(start, end - start), true));
      start = end + 1;
    }
    text.erase(0, start);
    if (text.size() > max_line) {
      return fail(Code::refused, std::string(what) + " has a line of more than " +
                                     std::to_string(max_line) + " bytes");
    }
  }
  if (!text.empty()) SG_CHECK(each(text, false));
  return {};
}

}  // namespace sifguard
