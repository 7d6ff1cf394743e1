// Where a password comes from. Runs as the admin.
#include "keystore/cli/password.h"

#include "keystore/base/passphrase.h"

namespace sifguard {

void PasswordSource::offer(CLI::App* command) {
  auto* file = command->add_option("--password-file", file_, "File whose content is the password");
  file->type_name("FILE");
  auto* fd = command->add_option("--password-fd", fd_, "Open descriptor to read it from");
  fd->type_name("N")->excludes(file);
}

Result<SecretBytes> PasswordSource::read(const std::string& what) const {
  if (!file_.empty()) return read_passphrase_file(file_);
  if (fd_) return read_passphrase_fd(*fd_);
  return ask_passphrase({"Password for " + what + ": ", "a password is needed for " + what,
                         "give --password-file or --password-fd"});
}

}  // namespace sifguard
