// sifguard-prefetch: fills this node's cache ahead of jobs. Root, as a step of a job of root's that
// `sifctl image prefetch` submits.
//
//   sifguard-prefetch [--config FILE] [--as USER] IMAGE
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "helper/pipeline/prefetch.h"
#include "helper/process/limit_root.h"
#include "keystore/base/one_line.h"
#include "keystore/base/secret.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl_memory.h"
#include "keystore/policy/image_uri.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

struct Options {
  std::string config = SIFGUARD_CONFIG_FILE;
  std::string user;  ///< empty: the account that reads images
  std::string image;
};

std::string node_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// What is unlocked is mounted for a moment, where nobody sees it.
Status leave_mounts() {
  if (::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0) {
    return {};
  }
  return fail_errno(Code::config, "cannot make a private mount namespace", errno,
                    "see /proc/sys/user/max_mnt_namespaces");
}

Result<Prefetched> run(const Options& options) {
  SG_CHECK(harden_process());
  SG_CHECK(leave_mounts());
  SG_CHECK(limit_root());
  SG_CHECK(protect_openssl_memory());
  SG_TRY(const Config config, read_config(options.config));
  SG_TRY(AuditLog audit, AuditLog::open(config.audit_file, Trust{0}));
  SG_TRY(const Node node, read_node(config));
  AuditRecord record;
  record.node = node_name();
  record.image = without_password(options.image);
  record.event = "prefetch";
  auto done =
      prefetch(options.image, options.user.empty() ? config.verifier_user : options.user, node);
  if (done) {
    record.path = done->name;
    record.digest = done->digest;
    record.decision = "allow";
  } else {
    record.decision = "refuse";
    record.code = code_name(done.error().code());
    record.reason = done.error().what();
  }
  SG_CHECK(audit.append(record));
  return done;
}

bool parse(int argc, char** argv, Options& options) {
  int i = 1;
  for (; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--config") == 0) {
      options.config = argv[i + 1];
    } else if (std::strcmp(argv[i], "--as") == 0) {
      options.user = argv[i + 1];
    } else {
      return false;
    }
  }
  if (i + 1 != argc) return false;
  options.image = argv[i];
  return true;
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  sifguard::Options options;
  if (!sifguard::parse(argc, argv, options) || ::geteuid() != 0) {
    std::fputs("usage, as root: sifguard-prefetch [--config FILE] [--as USER] IMAGE\n", stderr);
    return static_cast<int>(sifguard::Code::usage);
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  ::mkdir(SIFGUARD_RUN_DIR, 0755);
  ::chmod(SIFGUARD_RUN_DIR, 0755);
  const std::string node = sifguard::printable(sifguard::node_name());
  try {
    const auto done = sifguard::run(options);
    if (done) {
      std::printf("%s: %s %s\n", node.c_str(), done->digest.c_str(),
                  sifguard::printable(done->name).c_str());
      return 0;
    }
    std::fprintf(stderr, "sifguard: %s: %s\n", node.c_str(),
                 sifguard::one_line(done.error().line()).c_str());
    return done.error().exit_status();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sifguard: %s: %s\n", node.c_str(),
                 sifguard::printable(error.what()).c_str());
    return static_cast<int>(sifguard::Code::internal);
  }
}
