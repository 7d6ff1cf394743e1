// Text for one line of a terminal that may be copied from there. Any privilege; pure.
#include "keystore/base/one_line.h"

#include "keystore/base/text.h"

namespace sifguard {

std::string one_line(std::string_view text, std::size_t limit) {
  std::string shown;
  for (const std::string& piece : split(text, '\\')) {
    shown += '\\' + printable(piece, limit);
  }
  shown.erase(0, 1);  // there is one more piece than backslashes
  if (shown.size() <= limit) return shown;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) --end;
  return shown.substr(0, end) + "…";
}

}  // namespace sifguard
