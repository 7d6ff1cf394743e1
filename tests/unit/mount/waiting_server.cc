// A FUSE server that waits for itself on its way out: waiting_server DIRECTORY NAME. Root. It
// mounts itself on DIRECTORY, in a mount namespace of its own, as a file system of type fuse.NAME,
// opens a file there and kills itself. Ends only when it is freed; with status 77 where there is no
// FUSE.
//
// The protocol is that of <linux/fuse.h>; tests/attack builds this in the box, alone.
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

namespace {

template <typename Body>
void answer(int fd, std::uint64_t unique, const Body& body) {
  std::array<char, sizeof(fuse_out_header) + sizeof body> message{};
  const fuse_out_header header{message.size(), 0, unique};
  std::memcpy(message.data(), &header, sizeof header);
  std::memcpy(message.data() + sizeof header, &body, sizeof body);
  if (::write(fd, message.data(), message.size()) < 0) ::_exit(90);
}

fuse_attr attributes(std::uint64_t node) {
  fuse_attr attr{};
  attr.ino = node;
  attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755U : S_IFREG | 0644U;
  attr.nlink = 1;
  return attr;
}

/// Serves one directory in which every name is a file; never answers when one is closed.
void serve(int fd) {
  alignas(8) std::array<char, 1 << 17> buffer{};
  for (;;) {
    if (::read(fd, buffer.data(), buffer.size()) < 0) return;
    fuse_in_header in{};
    std::memcpy(&in, buffer.data(), sizeof in);
    if (in.opcode == FUSE_INIT) {
      fuse_init_out out{};
      out.major = FUSE_KERNEL_VERSION;
      out.minor = 31;
      out.max_write = 4096;
      answer(fd, in.unique, out);
    } else if (in.opcode == FUSE_LOOKUP) {
      fuse_entry_out out{};
      out.nodeid = 2;
      out.attr = attributes(2);
      answer(fd, in.unique, out);
    } else if (in.opcode == FUSE_GETATTR) {
      fuse_attr_out out{};
      out.attr = attributes(in.nodeid);
      answer(fd, in.unique, out);
    } else if (in.opcode == FUSE_OPEN) {
      answer(fd, in.unique, fuse_open_out{});
    } else if (in.opcode != FUSE_FLUSH) {
      const fuse_out_header none{sizeof none, -ENOSYS, in.unique};
      if (::write(fd, &none, sizeof none) < 0) ::_exit(90);
    }
  }
}

/// Returns, with a status, only when that failed.
int die_waiting(const std::string& directory, const char* name) {
  const int low = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  const int fuse = ::fcntl(low, F_DUPFD_CLOEXEC, 100);  // closed after the file, as fate would have
  ::close(low);
  const std::string options = "fd=" + std::to_string(fuse) + ",rootmode=40000,user_id=0,group_id=0";
  const std::string type = std::string("fuse.") + name;
  if (fuse < 0 || ::unshare(CLONE_NEWNS) != 0 ||
      ::mount("", "/", nullptr, MS_PRIVATE | MS_REC, nullptr) != 0 ||
      ::mount(name, directory.c_str(), type.c_str(), MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    return 77;
  }
  ::prctl(PR_SET_NAME, name);  // of all threads: whichever comes last shows it
  std::thread server(serve, fuse);
  if (::open((directory + "/file").c_str(), O_RDONLY) < 0) return 91;
  ::kill(::getpid(), SIGKILL);
  server.join();
  return 92;
}

}  // namespace

int main(int argc, char** argv) {
  return argc == 3 ? die_waiting(argv[1], argv[2]) : 64;
}
