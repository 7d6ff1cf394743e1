// The trusted reading of the files of a keystore. The caller's privilege.
#include "keystore/store/store_files.h"

#include <sys/stat.h>

#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/store/older_names.h"

namespace sifguard {

namespace {

/// Of a file that is renamed meanwhile, the second attempt finds it.
Result<UniqueFd> open_by_either_name(int directory_fd, const std::string& name,
                                     const std::string& shown, Trust trust) {
  const std::string present = present_name(directory_fd, name);
  if (present == name) return open_trusted_at(directory_fd, name, shown, trust);
  const std::string above = shown.substr(0, shown.size() - name.size());
  auto fd = open_trusted_at(directory_fd, present, above + present, trust);
  if (fd || present_name(directory_fd, name) == present) return fd;
  return open_trusted_at(directory_fd, name, shown, trust);
}

}  // namespace

Result<std::string> read_store_file(int directory_fd, const std::string& name,
                                    const std::string& shown, std::size_t limit, Trust trust) {
  SG_TRY(const UniqueFd fd, open_by_either_name(directory_fd, name, shown, trust));
  auto text = read_to_end(fd.get(), limit, shown);
  if (!text) return fail(Code::config, text.error().what(), text.error().remedy());
  return text;
}

Result<SecretBytes> read_store_secret(int directory_fd, const std::string& name,
                                      const std::string& shown, std::size_t limit, Trust trust) {
  SG_TRY(const UniqueFd fd, open_trusted_at(directory_fd, name, shown, trust));
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, shown, errno);
  if ((st.st_mode & 077U) != 0) {
    return fail(Code::config, shown + " is accessible to group or others", "chmod 0600 " + shown);
  }
  auto secret = read_secret(fd.get(), limit, shown);
  if (!secret && secret.error().code() != Code::temporary) {
    return fail(Code::config, secret.error().what(), secret.error().remedy());
  }
  return secret;
}

}  // namespace sifguard
