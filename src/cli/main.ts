process.stdout.write('newsfold\n')
