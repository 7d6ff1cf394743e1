// What a user can read of the processes and files of a node. A tool of the tests: runs in the box,
// as any user.
//
//   peek [PID…]         everything readable of these processes, or of all but itself, to stdout:
//   environment, command
//                       line, open files, memory, and what lies below /run/sifguard, keystore and
//                       cache as each sees it
//   peek seek FILE      stdin is searched for the byte strings of FILE (one a line, in
//   hexadecimal); prints "line N"
//                       for each that occurs
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kFileLimit = 64U << 20U;
constexpr std::size_t kRegionLimit = 512U << 20U;
std::vector<char> g_buffer(1U << 20U);

bool is_zero(const char* bytes, std::size_t size) {
  return size == 0 || (bytes[0] == 0 && std::memcmp(bytes, bytes + 1, size - 1) == 0);
}

void give(std::size_t size) {
  if (!is_zero(g_buffer.data(), size)) std::fwrite(g_buffer.data(), 1, size, stdout);
}

void give_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat st {};
  const bool plain = ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  for (std::size_t total = 0; plain && total < kFileLimit;) {
    const ssize_t got = ::read(fd, g_buffer.data(), g_buffer.size());
    if (got <= 0) break;
    give(static_cast<std::size_t>(got));
    total += static_cast<std::size_t>(got);
  }
  ::close(fd);
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(directory);
  return names;
}

void give_tree(const std::string& path, int depth) {
  for (const std::string& name : names_in(path)) {
    const std::string inner = path + "/" + name;
    struct stat st {};
    if (::lstat(inner.c_str(), &st) != 0) continue;
    std::cout << inner << '\n' << std::flush;
    if (S_ISDIR(st.st_mode) && depth > 0) give_tree(inner, depth - 1);
    if (S_ISREG(st.st_mode)) give_file(inner);
  }
}

void give_memory(const std::string& process) {
  const int memory = ::open((process + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return;
  std::ifstream maps(process + "/maps");
  std::set<std::string> seen;
  for (std::string line; std::getline(maps, line);) {
    unsigned long long from = 0;
    unsigned long long to = 0;
    char mode[5] = "";
    if (std::sscanf(line.c_str(), "%llx-%llx %4s", &from, &to, mode) != 3 || mode[0] != 'r')
      continue;
    if (line.find("[v") != std::string::npos || to - from > kRegionLimit)
      continue;  // vvar, vdso, vsyscall
    for (unsigned long long at = from; at < to;) {
      const std::size_t wanted = std::min<unsigned long long>(g_buffer.size(), to - at);
      const ssize_t got = ::pread(memory, g_buffer.data(), wanted, static_cast<off_t>(at));
      if (got <= 0) break;
      give(static_cast<std::size_t>(got));
      at += static_cast<unsigned long long>(got);
    }
  }
  ::close(memory);
}

int peek(const std::vector<std::string>& processes) {
  const std::string self = std::to_string(::getpid());
  for (const std::string& pid : processes) {
    if (pid.find_first_not_of("0123456789") != std::string::npos || pid == self) continue;
    const std::string process = "/proc/" + pid;
    give_file(process + "/environ");
    give_file(process + "/cmdline");
    for (const std::string& fd : names_in(process + "/fd")) give_file(process + "/fd/" + fd);
    for (const char* place :
         {"/run/sifguard", "/var/lib/sifguard", "/var/cache/sifguard", "/var/log/sifguard"}) {
      give_tree(process + "/root" + place, 4);
    }
    give_memory(process);
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

std::vector<std::string> read_patterns(const char* path) {
  std::vector<std::string> patterns;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
    patterns.push_back(bytes);
  }
  return patterns;
}

int seek(const char* path) {
  const std::vector<std::string> patterns = read_patterns(path);
  std::size_t longest = 1;
  for (const std::string& pattern : patterns) {
    if (pattern.size() < 8) return 2;  // would be found anywhere
    longest = std::max(longest, pattern.size());
  }
  std::set<std::size_t> found;
  std::string window;
  for (;;) {
    const std::size_t got = std::fread(g_buffer.data(), 1, g_buffer.size(), stdin);
    window.append(g_buffer.data(), got);
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (!found.contains(i) && ::memmem(window.data(), window.size(), patterns[i].data(),
                                         patterns[i].size()) != nullptr) {
        found.insert(i);
      }
    }
    if (got == 0) break;
    if (window.size() > longest) window.erase(0, window.size() - longest);
  }
  for (const std::size_t i : found) std::cout << "line " << i + 1 << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "seek") == 0) return seek(argv[2]);
  return peek(argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : names_in("/proc"));
}
