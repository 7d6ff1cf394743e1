// Owners, modes and kinds of everything in the keystore and above it. The rights of the admin.
//
// Reading the keystore also refuses most of this, but only one problem at a time, and only when the
// file is needed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/tree.h"
#include "keystore/doctor/checks.h"

namespace sifguard {
namespace {

constexpr int kMaxDepth = 4;  // trust/crls/NAME, keys/ID/meta.json

/// What group and others must not even read.
bool is_secret(const std::string& name) {
  return name == "private.key" || name == "private.pem" ||
         (name.starts_with("store-") && name.ends_with(".key"));
}

class Walk {
 public:
  Walk(Trust trust, Findings& findings) : trust_(trust), findings_(findings) {}

  void look(int parent, const std::string& name, const std::string& shown, int depth) {
    struct stat st {};
    if (::fstatat(parent, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) tell(shown, "cannot be looked at", "examine it as root");
      return;  // gone meanwhile
    }
    const bool directory = S_ISDIR(st.st_mode);
    if (!directory && !S_ISREG(st.st_mode)) {
      tell(shown, "is neither a file nor a directory", "remove it, or put the file itself there");
      return;
    }
    judge(st, name, shown);
    if (directory && depth > 0) descend(parent, name, shown, depth);
  }

 private:
  void tell(const std::string& shown, const std::string& what, const std::string& remedy) {
    findings_.problem(shown, shown + " " + what, remedy);
  }

  void judge(const struct stat& st, const std::string& name, const std::string& shown) {
    if (st.st_uid != 0 && st.st_uid != trust_.owner) {
      tell(shown, "is owned by uid " + std::to_string(st.st_uid) + ", not by root",
           "chown root:root " + shown);
    }
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      tell(shown, "is writable by group or others", "chmod go-w " + shown);
    } else if (is_secret(name) && (st.st_mode & 077U) != 0) {
      tell(shown, "is accessible to group or others", "chmod 0600 " + shown);
    }
  }

  void descend(int parent, const std::string& name, const std::string& shown, int depth) {
    const UniqueFd fd = open_directory_at(parent, name);
    const auto names = fd.valid() ? list_names_at(fd.get()) : fail(Code::config, "");
    if (!names) {
      tell(shown, "cannot be listed", "examine it as root");
      return;
    }
    for (const std::string& inner : *names) look(fd.get(), inner, shown + "/" + inner, depth - 1);
  }

  Trust trust_;
  Findings& findings_;
};

}  // namespace

void check_permissions(const Examined& examined, Findings& findings) {
  const std::string& directory = examined.plan.directory;
  const auto fd = open_trusted_directory(directory, examined.plan.trust);
  if (!fd) {
    // With the words of Keystore::open(), which has said so already if it got as far.
    Error error = fd.error();
    findings.add(Severity::problem, directory, error.prepend("keystore"), "see to it as root");
    return;
  }
  struct stat st {};
  if (::fstat(fd->get(), &st) == 0 && (st.st_mode & 077U) != 0) {
    findings.warn(directory, directory + " can be entered by group or others",
                  "chmod 0700 " + directory);
  }
  const auto names = list_names_at(fd->get());
  if (!names) {
    findings.problem(directory, directory + " cannot be listed", "examine it as root");
    return;
  }
  Walk walk(examined.plan.trust, findings);
  for (const std::string& name : *names) {
    walk.look(fd->get(), name, directory + "/" + name, kMaxDepth);
  }
}

}  // namespace sifguard
