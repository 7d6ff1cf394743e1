// Where a password comes from. Runs as the admin.
#include "keystore/cli/password.h"

#include <algorithm>

#include "keystore/base/passphrase.h"

namespace sifguard {
namespace {

Result<SecretBytes> ask(const std::string& what, const std::string& prefix,
                        const std::string& prompt) {
  return ask_passphrase({prompt + what + ": ", "a password is needed for " + what,
                         "give " + prefix + "-file or " + prefix + "-fd"});
}

}  // namespace

std::array<CLI::Option*, 2> PasswordSource::offer(CLI::App* command, const std::string& prefix) {
  prefix_ = prefix;
  auto* file = command->add_option(prefix + "-file", file_, "File whose content is the password");
  file->type_name("FILE");
  auto* fd = command->add_option(prefix + "-fd", fd_, "Open descriptor to read it from");
  fd->type_name("N")->excludes(file);
  return {file, fd};
}

Result<SecretBytes> PasswordSource::given_one() const {
  return file_.empty() ? read_passphrase_fd(*fd_) : read_passphrase_file(file_);
}

Result<SecretBytes> PasswordSource::read(const std::string& what) const {
  return given() ? given_one() : ask(what, prefix_, "Password for ");
}

Result<SecretBytes> PasswordSource::read_new(const std::string& what) const {
  if (given()) {
    SG_TRY(SecretBytes given, given_one());
    SG_CHECK(check_new_password(given));
    return given;
  }
  SG_TRY(SecretBytes password, ask(what, prefix_, "New password for "));
  SG_CHECK(check_new_password(password));
  SG_TRY(const SecretBytes again, ask(what, prefix_, "Again, the password for "));
  const auto one = password.bytes();
  const auto other = again.bytes();
  if (!std::equal(one.begin(), one.end(), other.begin(), other.end())) {
    return fail(Code::refused, "the two passwords differ, nothing changed");
  }
  return password;
}

}  // namespace sifguard
