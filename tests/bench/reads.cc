// What a job does with its files, timed from inside its container: reads FILE in order, in random
// blocks of 4 KiB, walks DIR, or reads every file in DIR as an import of many modules does. Prints
// microseconds. No privilege; built static by tests/bench/launch.
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::size_t kBlock = 4096;
constexpr int kRandomReads = 4096;
constexpr int kOpenDirectories = 16;
std::array<char, 1024 * 1024> buffer;

bool read_all(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t got = 1;
  while (got > 0) got = ::read(fd, buffer.data(), buffer.size());
  ::close(fd);
  return got == 0;
}

bool read_randomly(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  struct stat st {};
  if (fd < 0 || ::fstat(fd, &st) != 0) return false;
  const auto blocks = static_cast<unsigned>(st.st_size / static_cast<off_t>(kBlock));
  if (blocks == 0) return false;
  unsigned next = 1;  // the same blocks in every run
  for (int i = 0; i < kRandomReads; ++i) {
    next = next * 1'103'515'245U + 12'345U;
    const off_t at = static_cast<off_t>(next % blocks) * static_cast<off_t>(kBlock);
    if (::pread(fd, buffer.data(), kBlock, at) != static_cast<ssize_t>(kBlock)) return false;
  }
  ::close(fd);
  return true;
}

int look_at(const char* /*path*/, const struct stat* /*st*/, int /*type*/, struct FTW* /*ftw*/) {
  return 0;
}

int import(const char* path, const struct stat* /*st*/, int type, struct FTW* /*ftw*/) {
  return type != FTW_F || read_all(path) ? 0 : 1;
}

bool run(std::string_view what, const char* path) {
  if (what == "sequential") return read_all(path);
  if (what == "random") return read_randomly(path);
  if (what == "walk") return ::nftw(path, look_at, kOpenDirectories, FTW_PHYS) == 0;
  return what == "import" && ::nftw(path, import, kOpenDirectories, FTW_PHYS) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  const auto start = std::chrono::steady_clock::now();
  if (!run(argv[1], argv[2])) return EXIT_FAILURE;
  const auto took = std::chrono::steady_clock::now() - start;
  std::printf("%lld\n", static_cast<long long>(
                            std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  return EXIT_SUCCESS;
}
