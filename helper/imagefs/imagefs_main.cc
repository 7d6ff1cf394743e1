// sifguard-imagefs: serves one encrypted file system as one plain file, by FUSE. Started by the
// root helper as a no-login account in namespaces of its own; opens nothing, starts nothing.
//
// imagefs_wire.h has its descriptors, arguments and answer. Status 0 at the end of the connection;
// else the code of the error that it answered with.
#include <fcntl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "helper/imagefs/file_server.h"
#include "helper/imagefs/imagefs_sandbox.h"
#include "helper/imagefs/owner_watch.h"
#include "helper/imagefs/unlock.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/openssl_memory.h"

namespace {

using namespace sifguard;

/// The thread that does it is started before the filter, too.
Status end_with_owner() {
  if (::fcntl(imagefs_fd::kOwner, F_GETFD) < 0) return {};
  return end_with(imagefs_fd::kOwner, imagefs_fd::kLog);
}

Result<std::unique_ptr<FileServer>> prepare(const ImagefsOrder& order) {
  SG_CHECK(leave_the_node());
  // Else each thread's first allocation would take 64 MiB of address space.
  ::mallopt(M_ARENA_MAX, 1);
  SG_CHECK(wipe_openssl_memory());
  // No configuration file: it could name a provider to load.
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) {
    return fail(Code::internal, "OpenSSL cannot start");
  }
  // Before the filter, which forbids starting any, and holds for them too.
  SG_TRY(auto server, FileServer::start({.fuse = imagefs_fd::kFuse,
                                         .log = imagefs_fd::kLog,
                                         .threads = 2,
                                         .deadline_ms = order.deadline_ms}));
  SG_CHECK(end_with_owner());
  SG_CHECK(enter_imagefs_sandbox());
  return server;
}

Result<Unlocked> unlock_it(const ImagefsOrder& order, const FileWindow& sealed) {
  // Ready by now: what the other side waits for until it may release a key costs no more.
  SG_TRY(const SecretBytes text, read_secret(imagefs_fd::kSecret, kMostSecret, "the secret"));
  SG_TRY(ImagefsSecret secret, parse_imagefs_secret(text));
  SG_TRY(Unlocked unlocked, unlock(order, sealed, std::move(secret), imagefs_fd::kConf));
  lock_memory();
  return unlocked;
}

/// False when nobody can be told.
bool tell(Result<ImagefsAnswer> answer) {
  const auto text = format_imagefs_answer(answer);
  const bool told = text && write_all(imagefs_fd::kAnswer, text->bytes(), "the answer");
  for (const int fd : {imagefs_fd::kConf, imagefs_fd::kSecret, imagefs_fd::kAnswer}) ::close(fd);
  return told;
}

int give_up(const Error& error) {
  tell(tl::unexpected(error));
  return error.exit_status();
}

int serve(const ImagefsOrder& order) {
  const auto server = prepare(order);
  if (!server) return give_up(server.error());
  const auto sealed = FileWindow::make(imagefs_fd::kSealed, order.offset, order.size);
  if (!sealed) return give_up(sealed.error());
  auto unlocked = unlock_it(order, *sealed);
  if (!unlocked) return give_up(unlocked.error());
  const std::uint64_t size = unlocked->plain->size();
  if (!tell(ImagefsAnswer{size, std::move(unlocked->content_key)})) return 70;
  (*server)->serve(*unlocked->plain);
  ::_exit(0);  // a thread may hang in a read
}

int run(std::span<char* const> argv) {
  std::vector<std::string_view> arguments(
      argv.begin() + std::min<std::ptrdiff_t>(1, std::ssize(argv)), argv.end());
  const auto order = parse_imagefs_order(arguments);
  if (!order) return give_up({Code::internal, "sifguard-imagefs was started with wrong arguments"});
  return serve(*order);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    ::_exit(run({argv, static_cast<std::size_t>(argc)}));
  } catch (const std::bad_alloc&) {
    ::_exit(give_up({Code::temporary, "unlocking the image takes more memory than there is",
                     "try again on a node with more memory"}));
  }
}
