// sifguard-start: the first program in the container, as the job's owner. It enters the working
// directory, becomes the task's command, and says in one line why it cannot: the runtimes recognize
// only a missing command, and report all other failures as a missing library.
//
//   sifguard-start DIRECTORY COMMAND [ARGUMENT...]
//
// The launcher passes it as an open file, which the runtime runs by its name under /proc, so that
// no file of sifguard is mounted in the container. It is static and uses only the C library,
// because the image's libraries are not trusted. DIRECTORY "." is where the runtime has put us.
//
// Ends as shells do, with 127 for a missing command and 126 for one that cannot run; with 66 for a
// missing working directory.
#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kNoDirectory = 66;
constexpr int kBroken = 70;
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;
constexpr const char* kShell = "/bin/sh";
constexpr const char* kNotThere = "which is not in the image";

/// "sifguard: …" on stderr, in one piece; control characters, which names may have, become '?'.
// NOLINTNEXTLINE(cert-dcl50-cpp): the compiler holds each call to its format
[[gnu::format(printf, 1, 2)]] void say(const char* format, ...) {
  constexpr std::size_t kPrefix = 10;
  char line[3 * PATH_MAX] = "sifguard: ";
  va_list values;
  va_start(values, format);
  (void)std::vsnprintf(line + kPrefix, sizeof line - kPrefix, format, values);
  va_end(values);
  const std::size_t size = std::strlen(line);
  for (std::size_t i = 0; i < size; ++i) {
    if (static_cast<unsigned char>(line[i]) < 0x20 || line[i] == 0x7F) line[i] = '?';
  }
  line[size] = '\n';                                     // over the NUL
  if (write(STDERR_FILENO, line, size + 1) < 0) return;  // there is nobody left to tell
}

/// Our own file does not reach the command.
void close_own_file() {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): what the kernel gives as a number is a pointer
  const auto* const name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  int fd = -1;
  char more = 0;
  // NOLINTNEXTLINE(cert-err34-c): what is no number is no descriptor of ours
  if (name != nullptr && std::sscanf(name, "/proc/self/fd/%d%c", &fd, &more) == 1) {
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

/// What stands in a file's first bytes about the program that is to run it.
struct Head {
  char bytes[4096];
  std::size_t size = 0;
  char runner[PATH_MAX] = "";  ///< interpreter of a script, loader of a program; empty: none
  bool script = false, binary = false;
};

void read_runner(Head& head, std::size_t begin, std::size_t end) {
  const std::size_t size = end - begin;
  if (begin > end || end > head.size || size >= sizeof head.runner) return;
  std::memcpy(head.runner, head.bytes + begin, size);
  head.runner[size] = '\0';
}

void read_script(Head& head) {
  head.script = true;
  std::size_t begin = 2;
  while (begin < head.size && (head.bytes[begin] == ' ' || head.bytes[begin] == '\t')) ++begin;
  std::size_t end = begin;
  while (end < head.size && std::strchr(" \t\n", head.bytes[end]) == nullptr) ++end;
  read_runner(head, begin, end);
}

template <typename Header, typename Segment>
void read_loader(Head& head) {
  Header header;
  if (head.size < sizeof header) return;
  std::memcpy(&header, head.bytes, sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Segment segment;
    const std::size_t at = header.e_phoff + i * sizeof segment;
    if (at > head.size || head.size - at < sizeof segment) return;
    std::memcpy(&segment, head.bytes + at, sizeof segment);
    if (segment.p_type != PT_INTERP || segment.p_filesz == 0 || segment.p_offset > head.size) {
      continue;
    }
    return read_runner(head, segment.p_offset, segment.p_offset + segment.p_filesz - 1);
  }
}

bool read_head(const char* path, Head& head) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return false;
  const ssize_t got = read(fd, head.bytes, sizeof head.bytes);
  close(fd);
  if (got <= 0) return false;
  head.size = static_cast<std::size_t>(got);
  if (head.size > 2 && std::memcmp(head.bytes, "#!", 2) == 0) {
    read_script(head);
  } else if (head.size > EI_NIDENT && std::memcmp(head.bytes, ELFMAG, SELFMAG) == 0) {
    head.binary = true;
    if (head.bytes[EI_CLASS] == ELFCLASS32) {
      read_loader<Elf32_Ehdr, Elf32_Phdr>(head);
    } else {
      read_loader<Elf64_Ehdr, Elf64_Phdr>(head);
    }
  }
  return true;
}

bool is_there(const char* path) {
  struct stat st {};
  return stat(path, &st) == 0;
}

bool is_directory(const char* path) {
  struct stat st {};
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/// Whether the table that follows a program's first header ends beyond the file.
bool is_cut_short(const char* path, const Head& head) {
  struct stat st {};
  Elf64_Ehdr header;
  if (stat(path, &st) != 0 || head.bytes[EI_CLASS] != ELFCLASS64) return false;
  if (head.size < sizeof header) return true;
  std::memcpy(&header, head.bytes, sizeof header);
  const auto size = static_cast<std::uint64_t>(st.st_size);
  return header.e_phoff > size ||
         std::uint64_t{header.e_phnum} * header.e_phentsize > size - header.e_phoff;
}

/// Of a file that is there: why it did not run, as far as its first bytes tell.
void explain(const char* path, int error) {
  Head head;
  Head next;
  if (error == EACCES && is_directory(path)) {
    return say("%s is a directory in the image, and no command", path);
  }
  if (error == ENOEXEC && read_head(path, head) && head.binary) {
    if (is_cut_short(path, head)) return say("%s is a program that was cut short", path);
    return say("%s is a program for another kind of machine", path);
  }
  if (error != ENOENT || !read_head(path, head) || head.runner[0] == '\0') {
    return say("%s cannot be run: %s", path, strerror(error));
  }
  const std::size_t size = std::strlen(head.runner);
  if (head.script && head.runner[size - 1] == '\r') {
    return say(
        "%s has the line ends of Windows: its first line asks for '%s' and a carriage "
        "return; convert it with dos2unix",
        path, (head.runner[size - 1] = '\0', head.runner));
  }
  if (is_there(head.runner) && read_head(head.runner, next) && next.runner[0] != '\0') {
    return say("%s needs %s, and that %s, %s", path, head.runner, next.runner, kNotThere);
  }
  say("%s needs %s, %s", path, head.runner, kNotThere);
}

/// Runs it, if it can be; a file without "#!" and of no other known form is the shell's, as for
/// execvp(). The error otherwise.
int run(const char* path, char** words) {
  execv(path, words);
  if (errno != ENOEXEC) return errno;
  Head head;
  if (read_head(path, head) && head.binary) return ENOEXEC;
  std::size_t count = 0;
  while (words[count] != nullptr) ++count;
  auto** const shell = static_cast<char**>(std::calloc(count + 2, sizeof(char*)));
  if (shell == nullptr) return ENOMEM;
  shell[0] = const_cast<char*>(kShell);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  shell[1] = const_cast<char*>(path);    // NOLINT(cppcoreguidelines-pro-type-const-cast)
  std::memcpy(shell + 2, words + 1, (count - 1) * sizeof(char*));
  execv(kShell, shell);
  const int error = errno == ENOENT ? ENOEXEC : errno;
  std::free(shell);
  return error;
}

/// What PATH leads to: the first file that may be executed, else the first that may not; false when
/// there is none.
bool find(const char* name, const char* path, char (&found)[PATH_MAX]) {
  found[0] = '\0';
  for (const char* begin = path;; ++begin) {
    const std::size_t size = std::strcspn(begin, ":");
    char here[PATH_MAX];
    const int length = std::snprintf(here, sizeof here, "%.*s%s%s", static_cast<int>(size), begin,
                                     size == 0 ? "./" : "/", name);
    struct stat st {};
    if (length > 0 && length < static_cast<int>(sizeof here) && stat(here, &st) == 0 &&
        S_ISREG(st.st_mode)) {
      const bool good = access(here, X_OK) == 0;
      if (good || found[0] == '\0') std::memcpy(found, here, sizeof found);
      if (good) return true;
    }
    begin += size;
    if (*begin == '\0') return found[0] != '\0';
  }
}

int start(char** words) {
  const char* const name = words[0];
  char found[PATH_MAX] = "";
  if (std::strchr(name, '/') == nullptr) {
    const char* const path = getenv("PATH");
    if (path == nullptr || *name == '\0' || !find(name, path, found)) {
      say("there is no command '%s' in the image (PATH is %s)", name,
          path == nullptr ? "empty" : path);
      return kNotFound;
    }
  } else if (std::snprintf(found, sizeof found, "%s", name) >= static_cast<int>(sizeof found) ||
             !is_there(found)) {
    say("%s is not in the image: %s", name, strerror(errno));
    return kNotFound;
  }
  explain(found, run(found, words));
  return kCannotRun;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    say("sifguard-start is started by the launcher of sifguard alone");
    return kBroken;
  }
  close_own_file();
  const char* const directory = argv[1];
  if (chdir(directory) != 0) {
    say("the working directory %s in the image: %s", directory, strerror(errno));
    return kNoDirectory;
  }
  if (directory[0] == '/' && setenv("PWD", directory, 1) != 0) return kBroken;
  return start(argv + 2);
}
