#include "args.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

static bool complain(const arg_spec *spec, const char *word, const char *problem)
{
    fprintf(stderr, "har %s: %s: %s; see 'har help %s'\n", spec->command, word, problem,
            spec->command);
    return false;
}

static const arg_option *find_option(const arg_spec *spec, const char *word, size_t length)
{
    for (size_t i = 0; i < spec->option_count; i++) {
        const arg_option *option = &spec->options[i];
        if (strlen(option->name) == length && strncmp(option->name, word, length) == 0)
            return option;
    }
    return NULL;
}

/* Takes `word` and, where the option has a value in the next word, that one too. */
static bool take_option(const arg_spec *spec, const char *word, const char *next, bool *took_next)
{
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const arg_option *option = find_option(spec, word, length);
    *took_next = false;
    if (option == NULL) return complain(spec, word, "no such option");
    if (option->flag != NULL) {
        if (equals != NULL) return complain(spec, word, "this option takes no value");
        *option->flag = true;
        return true;
    }
    const char *value = equals != NULL ? equals + 1 : next;
    int64_t number;
    if (value == NULL) return complain(spec, word, "a value is missing");
    *took_next = equals == NULL;
    if (option->text != NULL) {
        *option->text = value;
        return true;
    }
    if (!parse_int64(value, &number) || number < 1 || number > option->most) {
        fprintf(stderr, "har %s: %s %s: a whole number from 1 to %lu is expected\n", spec->command,
                option->name, value, (unsigned long)option->most);
        return false;
    }
    *option->number = (uint32_t)number;
    return true;
}

bool parse_args(const arg_spec *spec, int count, char **words, const char **operands)
{
    size_t taken = 0;
    bool options_over = false;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (!options_over && strcmp(word, "--") == 0) {
            options_over = true;
        } else if (!options_over && word[0] == '-' && word[1] != '\0') {
            bool took_next;
            const char *next = i + 1 < count ? words[i + 1] : NULL;
            if (!take_option(spec, word, next, &took_next)) return false;
            if (took_next) i++;
        } else if (taken == spec->operand_count) {
            return complain(spec, word, "one word too many");
        } else {
            operands[taken++] = word;
        }
    }
    if (taken < spec->operand_count)
        return complain(spec, spec->operand_names[taken], "this operand is missing");
    return true;
}
