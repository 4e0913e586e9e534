/* har: the command line program of libhar. docs/har-program.md describes it. */
#include <stdio.h>
#include <string.h>

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#endif

#include "command.h"

typedef struct command {
    const char *name;
    int (*run)(int count, char **words);
    const char *usage;
    const char *summary;
    const char *details;
} command;

static const command commands[] = {
    {"info", cmd_info, "har info MODEL [--plan] [--hop N] [--json]",
     "what a model takes, how it was trained, what it costs",
     "  --plan    also the plan: each step, its kernel, its output and its work, and what of it\n"
     "            windows that overlap share\n"
     "  --hop N   samples between two windows (default: the model's)\n"
     "  --json    one JSON object\n"},
    {"run", cmd_run,
     "har run MODEL RECORDING.csv [--source PRESET] [--json] [--changes] "
     "[--each-window] [--hop N] [--chunk N] [--ignore-extra] [--record FLIGHT] [--ring BYTES]",
     "a recording in, labels out, as they come",
     "  RECORDING.csv    one column for each sensor channel of the model; '-' reads standard "
     "input\n"
     "                   line by line as it arrives; docs/csv-format.md has the layout\n"
     "  --source PRESET  the recording has a line for each reading of a sensor, as the phone sent\n"
     "                   it: t_ns, sensor, x, y, z, in the units and axes of android_sensor,\n"
     "                   ios_core_motion_accelerometer, ios_device_motion, web_device_motion,\n"
     "                   web_device_motion_ios or uci_har\n"
     "  --json           one JSON object a line and label\n"
     "  --changes        only the windows that enter or leave a class\n"
     "  --each-window    each window decides alone: no smoothing, vote, thresholds or duration\n"
     "  --hop N          samples between two windows (default: the model's)\n"
     "  --chunk N        samples given to the library at a time (default: 256, 1 for '-');\n"
     "                   the labels do not depend on it\n"
     "  --ignore-extra   pass over columns that are no channel, t_ns or label\n"
     "  --record FLIGHT  also writes a flight file: input, configuration and labels for 'har "
     "replay'\n"
     "  --ring BYTES     of memory for it (default: 16 MiB); a longer recording keeps its end\n"},
    {"replay", cmd_replay, "har replay MODEL FLIGHT",
     "a flight file again: the same labels, bit for bit?",
     "  FLIGHT   a file of the flight recorder, of 'har run --record' or of an app\n"
     "  HAR_CPU  narrows the instruction sets: FP32 has the same bits with those of the file "
     "alone,\n"
     "           INT8 with any\n"},
    {"diff", cmd_diff, "har diff FLIGHT FLIGHT", "what do two flight files differ in first?",
     "  Compares the configuration, then names the first row of input and the first event.\n"},
    {"bench", cmd_bench, "har bench MODEL [--seconds N] [--hop N] [--json]",
     "how fast is this model on this machine?",
     "  --seconds N   how long to measure (default: 2)\n"
     "  --hop N       also windows that overlap, N samples apart\n"
     "  --json        one JSON object\n"},
    {"selftest", cmd_selftest, "har selftest MODEL [--json]",
     "does this machine compute what was trained?",
     "  Runs the golden vectors of the model and names the first step that differs.\n"
     "  --json   one JSON object\n"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

static void show_commands(FILE *file)
{
    fputs("har: what a person is doing, from motion sensors\n\n", file);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %s\n      %s\n", commands[i].usage, commands[i].summary);
    fputs(
        "  har help [COMMAND]\n  har --version\n\n"
        "Exit status: 0 done, 1 a golden vector or a replay differs, 2 the command line is wrong,\n"
        "3 the recording is, 4 the model is, 5 no memory or no output.\n",
        file);
}

static int show_command(const command *shown)
{
    printf("%s\n  %s\n\n%s", shown->usage, shown->summary, shown->details);
    return flush_output("help");
}

static int complain(const char *word)
{
    fprintf(
        stderr,
        "har: '%s' is no command; see 'har help', and 'libhar --help' of the Python package for "
        "converting, measuring and checking\n",
        word);
    return EXIT_USAGE;
}

static int help(int count, char **words)
{
    if (count == 0) {
        show_commands(stdout);
        return flush_output("help");
    }
    const command *named = find_command(words[0]);
    return named != NULL ? show_command(named) : complain(words[0]);
}

static int version(void)
{
    uint32_t number = har_version();
    printf("har %u.%u.%u, model format %d.%d, backends native%s\n", (unsigned)(number >> 16),
           (unsigned)(number >> 8 & 255), (unsigned)(number & 255), HAR_FORMAT_MAJOR,
           HAR_FORMAT_MINOR, har_backends() & HAR_BACKEND_XNNPACK ? " xnnpack" : "");
    return flush_output("--version");
}

static int wants_help(int count, char **words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) return 1;
    }
    return 0;
}

/* Output is the same bytes everywhere: Windows would write two at the end of a line. */
static void write_as_it_is(void)
{
#if defined(_WIN32)
    _setmode(_fileno(stdout), _O_BINARY);
    _setmode(_fileno(stdin), _O_BINARY);
#endif
}

int main(int argc, char **argv)
{
    write_as_it_is();
    if (argc < 2) {
        show_commands(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) return version();
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return help(argc - 2, argv + 2);
    const command *named = find_command(word);
    if (named == NULL) return complain(word);
    if (wants_help(argc - 2, argv + 2)) return show_command(named);
    return named->run(argc - 2, argv + 2);
}
