// Whose turn it is to try a PIN at a token. Runs in sifguard-token.
#include "keystore/token/turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "keystore/base/text.h"

namespace sifguard {

std::string serial_of(const CK_TOKEN_INFO& token) {
  std::string_view text(reinterpret_cast<const char*>(token.serialNumber),
                        sizeof token.serialNumber);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return to_hex(as_bytes(text));
}

UniqueFd wait_for_turn(const CK_TOKEN_INFO& token) {
  const uid_t user = ::geteuid();
  const std::string directory = user == 0 ? "/run" : "/run/user/" + std::to_string(user);
  const std::string path = directory + "/sifguard-token-" + serial_of(token) + ".lock";
  constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | kFlags, 0600));
  // Services may read there what others have made.
  if (!fd.valid()) fd = UniqueFd(::open(path.c_str(), O_RDONLY | kFlags));
  // Who has waited too long is ended by whoever asks.
  if (fd.valid()) (void)::flock(fd.get(), LOCK_EX);
  return fd;
}

}  // namespace sifguard
